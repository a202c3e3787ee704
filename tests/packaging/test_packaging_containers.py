"""The container files: their structure. Nothing here builds an image or starts a container."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SECRETS = {"WATCHFUL_SECRET": "s" * 32, "POSTGRES_PASSWORD": "p"}


def test_the_image_is_built_from_the_lock_and_runs_without_rights() -> None:
    build, run = DOCKERFILE.split("\nFROM python:3.11-slim\n")
    assert "FROM python:3.11-slim AS build" in build
    for line in re.findall(r"uv sync .*", build):
        assert {"--frozen", "--no-dev"} <= set(line.split())
        assert "--extra postgres" in line
    assert "UV_COMPILE_BYTECODE=1" in build
    assert run.index("USER watchful") < run.index("CMD")
    assert "EXPOSE 8042" in run
    assert "VOLUME /var/lib/watchful" in run
    assert "/readyz" in run
    assert "curl" not in DOCKERFILE
    assert '"--config", "/etc/watchful/watchful.toml"]' in run


def test_what_the_image_copies_is_in_its_context() -> None:
    allowed = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for name in line.split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)


@pytest.fixture(scope="module")
def compose() -> Any:
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def test_the_services_wait_for_each_other(compose: Any) -> None:
    services = compose["services"]
    assert set(services) == {"watchful", "migrate", "postgres", "hapi"}
    assert services["postgres"]["image"] == "postgres:17"
    assert re.fullmatch(r"hapiproject/hapi:v\d+\.\d+\.\d+-\d+", services["hapi"]["image"])
    assert "pg_isready" in " ".join(services["postgres"]["healthcheck"]["test"])
    waits = {
        name: {other: each["condition"] for other, each in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    assert waits == {
        "postgres": {},
        "migrate": {"postgres": "service_healthy"},
        "watchful": {"migrate": "service_completed_successfully"},
        "hapi": {"watchful": "service_healthy"},
    }


def test_nothing_is_published_beyond_this_machine(compose: Any) -> None:
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_what_is_mounted_is_in_the_project(compose: Any) -> None:
    mounts = [mount for mount in compose["services"]["watchful"]["volumes"] if isinstance(mount, dict)]
    sources = {mount["source"]: mount for mount in mounts}
    assert set(sources) == {"./deploy/watchful.toml", "./deploy/keys/ehr-keys.json"}
    assert all(mount["read_only"] for mount in mounts)
    assert (ROOT / "deploy" / "watchful.toml").is_file()


def test_secrets_come_from_the_environment_and_are_missed_aloud(compose: Any) -> None:
    given = [
        value
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if re.search("SECRET|PASSWORD", name)
    ]
    assert given
    assert all(re.fullmatch(r"\$\{[A-Z_]+:\?set it to .+\}", value) for value in given)


def compose_config(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`docker compose config`; skips where there is no such program."""
    for program in (["docker", "compose"], ["docker-compose"]):
        found = shutil.which(program[0])
        if found and not subprocess.run([*program, "version"], capture_output=True).returncode:
            return subprocess.run(
                [*program, "config", "-q"],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environ},
                capture_output=True,
                text=True,
            )
    pytest.skip("no docker compose on this machine")


def test_docker_accepts_the_compose_file() -> None:
    checked = compose_config(SECRETS)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("missing", SECRETS)
def test_docker_names_the_secret_that_is_missing(missing: str) -> None:
    checked = compose_config({name: value for name, value in SECRETS.items() if name != missing})
    assert checked.returncode != 0
    assert f"{missing} is missing a value: set it to" in checked.stderr
