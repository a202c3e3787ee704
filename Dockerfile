# The service as a small image: the build stage makes the environment from the lock, the last one only copies it.
FROM python:3.11-slim AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/watchful
WORKDIR /src
RUN pip install --no-cache-dir uv==0.13.9
# dependencies first: they change less often than the code
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --extra postgres --no-install-project
COPY README.md LICENSE ./
COPY fixtures fixtures
COPY cds_hooks cds_hooks
COPY smart_app smart_app
COPY watchful watchful
RUN uv sync --frozen --no-dev --extra postgres --no-editable

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/watchful --create-home watchful
COPY --from=build /opt/watchful /opt/watchful
ENV PATH=/opt/watchful/bin:$PATH PYTHONUNBUFFERED=1
USER watchful
# for SQLite: `database = "sqlite:////var/lib/watchful/watchful.db"`
WORKDIR /var/lib/watchful
VOLUME /var/lib/watchful
# 8042 is what EHRs call; 9464, the admin address, stays on loopback unless `admin_host` says otherwise
EXPOSE 8042
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8042/readyz', timeout=4)"]
CMD ["watchful", "serve", "--host", "0.0.0.0", "--config", "/etc/watchful/watchful.toml"]
