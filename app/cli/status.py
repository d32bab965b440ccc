"""`status`: whether calls are collected, read from the database only."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from app.archive.detail.changes import Progress as DetailRows
from app.archive.erasure.requests.table import Summary as Erasures
from app.cli.shared import output
from app.cli.shared.running import run
from app.fetch.reconciliation.progress import Progress
from app.health import storing
from app.health.as_json import as_json
from app.health.durations import ago, counted, until
from app.health.readiness import Readiness, check
from app.health.rules import Reason
from app.health.tenant import Tenant
from app.inbox.rows import Depth
from app.outbound.registry.health import Failing
from app.runtime import opening
from app.settings.environment import Settings
from app.settings.units import describe_duration
from app.telephony.sync.overview import LogState

WIDTH = 19  # of a line's name


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: `callkeeper status`, `callkeeper status --json`")(status)


def status(json: output.Json = False) -> None:
    """Show whether calls are collected and, if not, why and what to do. Exit status 0 if all is well, else 1."""

    async def _check(settings: Settings) -> Readiness:
        async with opening.open_database(settings) as database:
            found = await check(database, settings.azure_tenant_id)
            refused = await storing.probe(database) if found.tenants is not None else None
        return replace(found, reasons=[*found.reasons, refused]) if refused else found

    found = run(_check)
    if json:
        print(orjson.dumps(_document(found), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(found, datetime.now(UTC))
    if found.reasons:
        raise typer.Exit(1)


def _document(found: Readiness) -> dict[str, Any]:
    return {
        "ready": not found.reasons,
        "reasons": [reason.as_json() for reason in found.reasons],
        "tenants": [as_json(state) for state in found.tenants or ()],
        "detail_rows": found.detail_rows._asdict() if found.detail_rows else None,
        "erasures": found.erasures.as_json(),
        "failing_webhooks": [each.as_json() for each in found.failing_webhooks],
    }


def _print(found: Readiness, now: datetime) -> None:
    # Lines of any length; Console itself omits colours on a pipe and honours NO_COLOR.
    console = Console(highlight=False, soft_wrap=True)
    for reason in found.reasons:
        if reason.tenant_id is None:
            console.print(_reason(reason))
    for number, state in enumerate(found.tenants or ()):
        if number:
            console.print()
        _print_tenant(console, state, [r for r in found.reasons if r.tenant_id in {None, state.tenant_id}], now)
    if found.detail_rows and found.detail_rows.finished_at is None:
        console.print(Text.assemble((f"{'detail rows':{WIDTH + 2}}", "dim"), _detail_rows(found.detail_rows, now)))
    if found.erasures.last:
        console.print(Text.assemble((f"{'erasures':{WIDTH + 2}}", "dim"), _erasures(found.erasures, now)))
    for each in found.failing_webhooks:
        console.print(Text.assemble((f"{'webhook':{WIDTH + 2}}", "red"), _webhook(each, now)))


def _print_tenant(console: Console, state: Tenant, reasons: list[Reason], now: datetime) -> None:
    verdict = Text("needs attention", "bold red") if reasons else Text("collecting", "bold green")
    console.print(Text.assemble("tenant ", (state.tenant_id, "bold"), "  ", verdict))
    for reason in reasons:
        if reason.tenant_id is not None:
            console.print(_reason(reason))
    for name, text in _lines(state, now):
        console.print(Text.assemble("  ", (f"{name:{WIDTH}}", "dim"), text))


def _reason(reason: Reason) -> Text:
    return Text.assemble("  ", (f"{reason.reason:{WIDTH}}", "red"), reason.detail)


def _lines(state: Tenant, now: datetime) -> list[tuple[str, str]]:
    depth = state.depth
    problem = state.problem if state.expires_at else None  # without a subscription, the reason contains it
    lines = [
        ("subscription", f"live, expires {until(state.expires_at, now)}" if state.expires_at else "none is live"),
        ("last problem", problem),
        ("last notification", ago(state.notified_at, now)),
        ("last record", f"{ago(state.stored_at, now)}, {counted(state.stored_total, 'record')} stored"),
        ("last sweep", f"{ago(state.reconciled_at, now)}, {_unnotified(state)}"),
        *((f"{sweep.kind} sweep", _sweep(sweep, now)) for sweep in state.sweeps),
        *((f"{log.kind.replace('_', ' ')} log", _log(log, now)) for log in state.call_logs),
        ("inbox", f"{depth.due} due, {depth.failed} failed, {_expired(depth)}"),
        ("oldest due", depth.oldest_due and f"for {describe_duration(now - depth.oldest_due)}"),
        ("next deadline", depth.nearest_deadline and f"{until(depth.nearest_deadline, now)} at Graph"),
        ("throttled", _throttled(state, now)),
        ("refused", _refused(state, now)),
    ]
    return [(name, text) for name, text in lines if text]


def _log(log: LogState, now: datetime) -> str:
    read = f"read {ago(log.read_at, now)}" if log.read_at else "never read"
    if log.state == "not_permitted":
        return f"{read}; not permitted: {log.error}"
    return f"{read}; failed {ago(log.failed_at, now)}: {log.error}" if log.failed_at else read


def _detail_rows(run: DetailRows, now: datetime) -> str:
    share = run.changed / run.calls if run.calls else 1.0
    return (
        f"{share:.0%} of {counted(run.calls, 'call')} changed for DETAIL_ROWS={run.setting};"
        f" last progress {ago(run.updated_at, now)}"
    )


def _erasures(erasures: Erasures, now: datetime) -> str:
    last = erasures.last
    assert last is not None
    if not erasures.pending:
        calls = counted(last.changed_calls, "call")
        return f"none pending; the last one, from {calls}, ended {ago(last.finished_at, now)}"
    calls, documents = counted(last.own_calls, "call"), counted(last.documents, "document")
    return (
        f"{erasures.pending} pending; {last.own_calls_done} of {calls} of the person rewritten,"
        f" {last.documents_done} of {documents} searched; last progress {ago(last.updated_at, now)}"
    )


def _webhook(failing: Failing, now: datetime) -> str:
    since = f"failing since {ago(failing.since, now)}" if failing.since else "disabled"
    return f"{failing.webhook_id} {since}: {failing.error}"


def _expired(depth: Depth) -> str:
    """Rows of which Graph never had a record are counted separately: no retry could have saved them."""
    never = f", {depth.never_available} never available at Microsoft" if depth.never_available else ""
    return f"{depth.expired - depth.never_available} expired{never}"


def _throttled(state: Tenant, now: datetime) -> str | None:
    if state.throttled_until is None or state.throttled_until <= now:
        return None
    return f"by Graph; requests continue {until(state.throttled_until, now)} (Retry-After)"


def _refused(state: Tenant, now: datetime) -> str | None:
    if state.refused_since is None or state.refused_check_at is None:
        return None
    check = f"next check {until(state.refused_check_at, now)}" if state.refused_check_at > now else "being checked"
    return f"every record, by Graph, {ago(state.refused_since, now)}; {check}: {state.refused_reason}"


def _unnotified(state: Tenant) -> str:
    return f"{counted(state.unnotified_total, 'call')} found without a notification"


def _sweep(sweep: Progress, now: datetime) -> str | None:
    """None for a sweep that has ended and was not refused anything."""
    refusal = f"; narrowed to what Graph accepts: {sweep.refusal}" if sweep.refusal else ""
    if sweep.ended_at is not None:
        return f"ended {ago(sweep.ended_at, now)}{refusal}" if refusal else None
    return (
        f"{sweep.share(now):.0%}, {counted(sweep.listed, 'record')} listed, {sweep.queued} queued;"
        f" last progress {ago(sweep.updated_at, now)}{refusal}"
    )
