"""`pstn sync | status`: Microsoft's PSTN and Direct Routing logs."""

import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.archive.call_logs.store import Saved
from app.archive.schema.call_log_types import DIRECT_ROUTING, PSTN, REACH_DAYS
from app.archive.voice_apps import judging_again
from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.health.durations import counted
from app.observability.metrics import Metrics
from app.runtime import opening, wiring
from app.settings.environment import Settings
from app.telephony.joins.job import JoinLogRows
from app.telephony.sync import overview as overviews
from app.telephony.sync.overview import Overview
from app.telephony.sync.synchronise import Pass, Synchronise

RESUME = timedelta(hours=1)
"""Days that were read so shortly before are not read again: a run that was interrupted continues."""


class Log(StrEnum):
    pstn = "pstn"
    direct_routing = "direct-routing"
    all = "all"


KINDS = {Log.pstn: (PSTN,), Log.direct_routing: (DIRECT_ROUTING,), Log.all: (PSTN, DIRECT_ROUTING)}


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Microsoft's PSTN and Direct Routing logs.",
        no_args_is_help=True,
        epilog="Examples: `callkeeper pstn sync`, `callkeeper pstn status --json`",
    )
    group.command(epilog="Examples: `callkeeper pstn sync`, `callkeeper pstn sync --since 30d --kind direct-routing`")(
        sync
    )
    group.command(epilog="Example: `callkeeper pstn status --json`")(status)
    app.add_typer(group, name="pstn")


def sync(
    since: Annotated[
        str | None,
        typer.Option(
            help="Read all days from then on again: a duration back from now (365d) or a time. By default the days that"
            " were never read, and those of the last month that are due."
        ),
    ] = None,
    kind: Annotated[Log, typer.Option(help="Which log.")] = Log.all,
    json: output.Json = False,
) -> None:
    """Copy the PSTN and Direct Routing logs into the archive, and join their rows with archived calls.

    Microsoft has 365 days of the PSTN log and 150 days of the Direct Routing log. An interrupted run continues when the
    command is run again. PSTN_EVERY does this automatically.
    """
    now = datetime.now(UTC)
    begin, _ = arguments.span(since, None, now)
    for name in KINDS[kind] if begin else ():
        if begin and begin < now - timedelta(days=REACH_DAYS[name]):
            print(f"{_shown(name)}: Microsoft has the last {REACH_DAYS[name]} days; reading those", file=sys.stderr)

    async def _sync(settings: Settings) -> list[dict[str, Any]]:
        rows = []
        async with opening.open_database(settings) as database, wiring.open_graph(settings, Metrics()) as graph:
            for tenant_id in settings.azure_tenant_id:
                for name in KINDS[kind]:
                    with _progress() as progress:
                        bar = progress.add_task(f"{tenant_id}  {_shown(name)}", total=None, rows="")
                        log = Synchronise(
                            database,
                            graph.clients[tenant_id],
                            tenant_id,
                            name,
                            holder=opening.holder(),
                            every=RESUME,
                            retention=settings.retention,
                            on_day=lambda done, total, saved, p=progress, b=bar: p.update(  # type: ignore[misc]
                                b, completed=done, total=total, rows=_rows(saved)
                            ),
                        )
                        again = None if begin is None else now - RESUME
                        found = await log.run(since=begin, again_before=again, insist=True)
                    rows.append({"tenant_id": tenant_id, "log": _shown(name)} | _as_json(found))
            joins = JoinLogRows(database, holder=opening.holder(), on_joined=judging_again.mark_changed)
            await joins.once()
        return rows

    rows = run(_sync)
    output.show(rows, as_json=json, empty="")
    if any(row["error"] for row in rows):
        raise typer.Exit(1)


def status(json: output.Json = False) -> None:
    """Show how far each log is copied, and whether Graph permits it. Exit status 1 if a log cannot be read."""

    async def _status(settings: Settings) -> list[Overview]:
        async with opening.open_database(settings) as database, database.reading() as db:
            return await overviews.overview(db, settings.azure_tenant_id, datetime.now(UTC), settings.retention)

    found = run(_status)
    output.show([_row(one) for one in found], as_json=json, empty="")
    if any(one.log.state in {"failing", "not_permitted"} for one in found):
        raise typer.Exit(1)


def _row(one: Overview) -> dict[str, Any]:
    log = one.log
    return {
        "tenant_id": log.tenant_id,
        "log": _shown(log.kind),
        "state": log.state,
        "last_read": log.read_at,
        "days_read": one.days_read,
        "days_missing": one.days_missing,
        "rows": one.rows,
        "joined_by_id": one.joined_by_id,
        "joined_by_heuristic": one.joined_by_heuristic,
        "error": log.error,
    }


def _as_json(found: Pass) -> dict[str, Any]:
    error = "another process reads this log now" if found.is_elsewhere else found.error
    return {"days": found.days, **found.saved._asdict(), "error": error}


def _shown(kind: str) -> str:
    return kind.replace("_", "-")


def _rows(saved: Saved) -> str:
    return f"{counted(sum(saved), 'row')}, {saved.new} new, {saved.changed} changed"


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days  {task.fields[rows]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
