"""What the service says about itself: structured logs and metrics, never anything of a chart (safety rule 6).

Log lines are JSON with `event`, `level`, `timestamp` and the few fields each call names: `site`, `reason`,
`error` (an exception's type), `at` (module and line). Metric labels are site ids, decisions and reasons,
all from closed lists of ours.
"""

import logging
import sys

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LOG_FIELDS = frozenset(
    {"event", "level", "timestamp", "logger", "site", "reason", "error", "at", "detail", "address", "version"}
    | {"count", "path", "status", "database", "knowledge", "mode"}
)
"""Every field a log line may carry. Others are dropped before they are written."""

_DATA = frozenset(
    {"Patient", "Encounter", "Condition", "Observation", "MedicationRequest", "Procedure", "DiagnosticReport"}
    | {"ServiceRequest", "AllergyIntolerance", "none"}
)
"""The closed list of the label `data`."""

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


def configure_logging(level: str = "INFO") -> None:
    """JSON lines on stderr."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _listed_fields_only,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        # whatever stderr is when the line is written, not when logging was set up
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _listed_fields_only(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {name: value for name, value in event.items() if name in LOG_FIELDS}


class Metrics:
    """The counters of one service, in a registry of its own so that tests can have several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._evaluations = Counter(
            "watchful_evaluations_total",
            "Hook calls judged, by decision and reason; one for each lumbar order, or one for none.",
            ["site", "decision", "reason"],
            registry=self.registry,
        )
        self._failures = Counter(
            "watchful_rule_failures_total",
            "Errors in our own rules: each was answered 500.",
            ["site", "error"],
            registry=self.registry,
        )
        self._answers = Counter(
            "watchful_errors_total", "Error answers, by status and reason.", ["site", "status", "reason"],
            registry=self.registry,
        )  # fmt: skip
        self._feedback = Counter(
            "watchful_feedback_total", "Feedback entries, by what became of them.", ["site", "kind"],
            registry=self.registry,
        )  # fmt: skip
        self._foreign = Counter(
            "watchful_foreign_resources_total", "Resources of another patient, dropped.", ["site"],
            registry=self.registry,
        )  # fmt: skip
        self._refused = Counter(
            "watchful_refused_fhir_servers_total", "Hook calls whose fhirServer is not the site's own.", ["site"],
            registry=self.registry,
        )  # fmt: skip
        self._launches = Counter(
            "watchful_app_launches_total", "Launches of the app, and its pages refused, by what became of them.",
            ["site", "outcome"], registry=self.registry,
        )  # fmt: skip
        self._deciding = Counter(
            "watchful_deciding_data_total",
            "Answers by the resource type of the records that decided them; `none` where nothing found did.",
            ["site", "data", "decision"], registry=self.registry,
        )  # fmt: skip
        self._breaker = Gauge(
            "watchful_fhir_breaker_open", "Whether reads of the site's FHIR server are turned away.", ["site"],
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "watchful_hook_seconds", "Time from decoded request to committed journal row.", ["site"],
            buckets=_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.journal_waiting = Gauge(
            "watchful_journal_waiting", "Submissions waiting for their commit.", registry=self.registry
        )
        self._known: dict[tuple[str, str, str], Counter] = {}
        self._decided: dict[tuple[str, str, str], Counter] = {}
        self._seconds_of: dict[str, Histogram] = {}

    def evaluated(self, site: str, decision: str, reason: str) -> None:
        """One order judged. The labelled child is kept: looking it up costs more than counting."""
        key = (site, decision, reason)
        child = self._known.get(key)
        if child is None:
            child = self._known[key] = self._evaluations.labels(site, decision, reason)
        child.inc()

    def decided(self, site: str, data: str, decision: str) -> None:
        """Records of one type decided an answer."""
        key = (site, data if data in _DATA else "other", decision)
        child = self._decided.get(key)
        if child is None:
            child = self._decided[key] = self._deciding.labels(*key)
        child.inc()

    def launched(self, site: str, outcome: str) -> None:
        self._launches.labels(site, outcome).inc()

    def breaker_open(self, site: str, is_open: bool) -> None:
        self._breaker.labels(site).set(is_open)

    def took(self, site: str, seconds: float) -> None:
        child = self._seconds_of.get(site)
        if child is None:
            child = self._seconds_of[site] = self._seconds.labels(site)
        child.observe(seconds)

    def failed(self, site: str, error: str) -> None:
        self._failures.labels(site, error).inc()

    def answered_error(self, site: str, status: int, reason: str) -> None:
        self._answers.labels(site, str(status), reason).inc()

    def fed_back(self, site: str, kind: str, count: int) -> None:
        if count:
            self._feedback.labels(site, kind).inc(count)

    def foreign(self, site: str, count: int) -> None:
        self._foreign.labels(site).inc(count)

    def refused_server(self, site: str) -> None:
        self._refused.labels(site).inc()
