"""docs/reference.md, written from the code so that the two cannot disagree (a test compares them)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Metric

from app.archive.schema.call_log_types import PSTN
from app.fetch.reconciliation.progress import RECONCILE, Progress
from app.health.gauges import Gauges
from app.health.readiness import Readiness
from app.health.tenant import Tenant
from app.ids import TenantId
from app.inbox.rows import Depth
from app.observability.events import EVENTS
from app.observability.metrics import Metrics
from app.observability.tracing.spans import ERROR, SPANS
from app.settings.env_example import written_default
from app.settings.environment import Settings
from app.telephony.sync.overview import LogState

_HEAD = """\
# Reference

Every setting, log event, metric and span. Written by `python -m app.cli.reference > docs/reference.md`; a test compares
this page with the code.
"""
_SETTINGS = """
## Settings

From the environment or `.env`. Durations are written `15m`, `6h`, `30d`.
"""
_EVENTS = """
## Log events

One event is one line on standard error: JSON on a pipe, in colours on a terminal (`LOG_FORMAT`). Each has `event`,
`level` and `timestamp` (UTC), and the fields below if they apply. An unexpected error has its types and
lines of code in `exception`, never its message, which may contain a person's name. A command that cannot start, for
example because a setting is wrong, prints one plain line instead.
"""
_METRICS = """
## Metrics

At `/metrics`. Counters and histograms belong to the process that answers. Gauges, and the counters marked *database*,
are read from the database and are the same in every process.
"""
_SPANS = """
## Spans

Sent if [tracing](tracing.md) is on. Any span whose work failed also has `{error}`.
"""


def render() -> str:
    """The complete page."""
    return "".join(
        (
            _HEAD,
            _SETTINGS,
            _table(("Variable", "Default", "Meaning"), _settings()),
            _EVENTS,
            _table(("Event", "Level", "Meaning", "Fields"), _events()),
            _METRICS,
            _table(("Metric", "Type", "Labels", "Meaning"), _metrics()),
            _SPANS.format(error=ERROR),
            _table(("Span", "Covers", "Attributes"), _spans()),
        )
    )


def families() -> Iterator[tuple[Metric, bool]]:
    """Every metric, and whether it is read from the database rather than counted in one process."""
    for metric in Metrics().registry.collect():
        yield metric, False
    database = CollectorRegistry()
    database.register(Gauges(Readiness([_a_tenant()], [])))
    for metric in database.collect():
        yield metric, True


def exposed(metric: Metric) -> str:
    """Its name at Prometheus."""
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n" + "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _settings() -> Iterator[Sequence[str]]:
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else _code(written_default(name, field))
        yield _code(name.upper()), default or "none", field.description or ""


def _events() -> Iterator[Sequence[str]]:
    for name, event in sorted(EVENTS.items()):
        yield _code(name), ", ".join(event.levels), event.meaning, _codes(event.fields)


def _metrics() -> Iterator[Sequence[str]]:
    labels = _labels()
    for metric, from_database in sorted(families(), key=lambda found: found[0].name):
        label_names = labels.get(metric.name) or sorted({name for s in metric.samples for name in s.labels} - {"le"})
        kind = f"{metric.type}, *database*" if from_database and metric.type == "counter" else metric.type
        yield _code(exposed(metric)), kind, _codes(label_names), metric.documentation


def _labels() -> dict[str, Sequence[str]]:
    """A counter that has not counted yet has no sample from which to read its labels."""
    counters = [one for one in vars(Metrics()).values() if hasattr(one, "_labelnames")]
    return {one._name: one._labelnames for one in counters}  # noqa: SLF001 -- there is no public attribute


def _spans() -> Iterator[Sequence[str]]:
    for name, described in SPANS.items():
        yield _code(name), described.meaning, _codes(described.attributes)


def _a_tenant() -> Tenant:
    """A tenant with all fields set, so that each gauge has a value."""
    now, tenant_id = datetime.now(UTC), TenantId("tenant")
    return Tenant(
        tenant_id,
        expires_at=now,
        notified_at=now,
        stored_at=now,
        reconciled_at=now,
        normal_silence=timedelta(hours=1),
        sweeps=[Progress(tenant_id, RECONCILE, "", begun_at=now, since=now, until=None, position=now, updated_at=now)],
        call_logs=[LogState(tenant_id, PSTN, "read", read_at=now)],
        depth=Depth(oldest_due=now, nearest_deadline=now),
    )


def _codes(names: Iterable[str]) -> str:
    return ", ".join(_code(name) for name in names) or "none"


def _code(name: str) -> str:
    return f"`{name}`" if name else ""


if __name__ == "__main__":
    print(render(), end="")
