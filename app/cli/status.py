"""`status`: whether it works, at a glance, from the database alone."""

from datetime import UTC, datetime
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from app.cli import output
from app.cli.running import run
from app.fetch.progress import Progress
from app.health.as_json import shown
from app.health.durations import ago, counted, length, until
from app.health.readiness import Condition, look
from app.health.rules import Reason
from app.health.tenant import Tenant
from app.inbox.rows import Depth
from app.runtime import wiring
from app.settings.environment import Settings

WIDTH = 19  # of a line's name


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: `callkeeper status`, `callkeeper status --json`")(status)


def status(json: output.Json = False) -> None:
    """Whether calls are collected, why not, and what to do. Exit 0 if all is good, 1 if not."""

    async def _look(settings: Settings) -> Condition:
        async with wiring.open_database(settings) as database:
            return await look(database, settings.azure_tenant_id)

    found = run(_look)
    if json:
        print(orjson.dumps(_as_json(found), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(found, datetime.now(UTC))
    if found.reasons:
        raise typer.Exit(1)


def _as_json(found: Condition) -> dict[str, Any]:
    return {
        "ready": not found.reasons,
        "reasons": [reason.shown() for reason in found.reasons],
        "tenants": [shown(state) for state in found.tenants or ()],
    }


def _print(found: Condition, now: datetime) -> None:
    # A line however long; Console itself leaves colours away on a pipe and honours NO_COLOR.
    console = Console(highlight=False, soft_wrap=True)
    for reason in found.reasons:
        if reason.tenant_id is None:
            console.print(_reason(reason))
    for number, state in enumerate(found.tenants or ()):
        if number:
            console.print()
        _print_tenant(console, state, [r for r in found.reasons if r.tenant_id == state.tenant_id], now)


def _print_tenant(console: Console, state: Tenant, reasons: list[Reason], now: datetime) -> None:
    verdict = Text("needs attention", "bold red") if reasons else Text("collecting", "bold green")
    console.print(Text.assemble("tenant ", (state.tenant_id, "bold"), "  ", verdict))
    for reason in reasons:
        console.print(_reason(reason))
    for name, text in _lines(state, now):
        console.print(Text.assemble("  ", (f"{name:{WIDTH}}", "dim"), text))


def _reason(reason: Reason) -> Text:
    return Text.assemble("  ", (f"{reason.reason:{WIDTH}}", "red"), reason.detail)


def _lines(state: Tenant, now: datetime) -> list[tuple[str, str]]:
    depth, problem = state.depth, state.problem if state.expires_at else None  # without one, the reason told it
    lines = [
        ("subscription", f"live, ends {until(state.expires_at, now)}" if state.expires_at else "none that is live"),
        ("last problem", problem),
        ("last notification", ago(state.notified_at, now)),
        ("last record", f"{ago(state.kept_at, now)}, {counted(state.kept_total, 'record')} stored"),
        ("last sweep", f"{ago(state.reconciled_at, now)}, {_unnotified(state)}"),
        *((f"{sweep.kind} sweep", _sweep(sweep, now)) for sweep in state.sweeps),
        ("inbox", f"{depth.due} due, {depth.failed} failed, {_expired(depth)}"),
        ("oldest due", depth.oldest_due and f"for {length(now - depth.oldest_due)}"),
        ("next deadline", depth.nearest_deadline and f"{until(depth.nearest_deadline, now)} at Graph"),
        ("held by Graph", _held(state, now)),
    ]
    return [(name, text) for name, text in lines if text]


def _expired(depth: Depth) -> str:
    """Those of which Graph never had a record are counted apart: nothing could have saved them."""
    apart = f", {depth.never_available} never available at Microsoft" if depth.never_available else ""
    return f"{depth.expired - depth.never_available} expired{apart}"


def _held(state: Tenant, now: datetime) -> str | None:
    if state.held_until is None or state.held_until <= now:
        return None
    return f"requests go on {until(state.held_until, now)} (Retry-After)"


def _unnotified(state: Tenant) -> str:
    return f"{counted(state.unnotified_total, 'call')} found that nobody notified"


def _sweep(sweep: Progress, now: datetime) -> str | None:
    """Nothing of one that ended and met no refusal."""
    refusal = f"; narrowed to what Graph accepts: {sweep.refusal}" if sweep.refusal else ""
    if sweep.ended_at is not None:
        return f"ended {ago(sweep.ended_at, now)}{refusal}" if refusal else None
    return (
        f"{sweep.share(now):.0%}, {counted(sweep.listed, 'record')} listed, {sweep.queued} queued;"
        f" last progress {ago(sweep.updated_at, now)}{refusal}"
    )
