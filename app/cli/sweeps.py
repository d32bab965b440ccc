"""`backfill` and `fetch`: queue call records without a notification."""

import sys
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.fetch.reconciliation import window
from app.fetch.reconciliation.backfill import NOTHING, Swept, backfill
from app.health.durations import counted
from app.ids import TenantId
from app.inbox import queue
from app.inbox.queue import WINDOW, Notice
from app.observability.metrics import Metrics
from app.runtime import opening, wiring
from app.settings.environment import Settings

WAITS = "another sweep of this tenant is running; the backfill starts when it has ended (see `callkeeper status`)"

Tenant = Annotated[str | None, typer.Option(help="Tenant id; by default every configured tenant.")]


def add_to(app: typer.Typer) -> None:
    app.command("backfill", epilog="Example: `callkeeper backfill --since 7d`")(sweep)
    app.command(epilog="Example: `callkeeper fetch 00000000-0000-0000-0000-000000000000`")(fetch)


def sweep(
    since: Annotated[
        str, typer.Option(help="Start of the window: a duration back from now (7d) or a time (2026-01-31T09:00:00Z).")
    ],
    until: Annotated[
        str | None, typer.Option(help="End of the window, written in the same way; by default now.")
    ] = None,
    tenant: Tenant = None,
    json: output.Json = False,
) -> None:
    """List the call records at Graph and queue those that are missing or outdated in the archive.

    Graph has call records of the last 30 days. An interrupted backfill continues when the command is run again. It
    waits while another sweep of the tenant runs.
    """
    now = datetime.now(UTC)
    begin, end = arguments.span(since, until, now)
    assert begin is not None
    _print_limit(begin, end, now)

    async def _sweep(settings: Settings) -> dict[TenantId, Swept]:
        results = {}
        async with (
            opening.open_database(settings) as database,
            wiring.open_graph(settings, Metrics()) as graph,
        ):
            for tenant_id in _tenants(settings, tenant):
                with _progress(tenant_id) as progress:
                    bar = progress.add_task(tenant_id, total=None, listed=0, queued=0)
                    waits = partial(progress.console.print, f"{tenant_id}: {WAITS}")
                    results[tenant_id] = await backfill(
                        database,
                        graph.clients[tenant_id],
                        tenant_id,
                        begin,
                        end,
                        retention=settings.retention,
                        progress=lambda s, bar=bar, p=progress: p.update(bar, listed=s.listed, queued=s.queued),  # type: ignore[misc]
                        on_wait=waits,
                    )
        return results

    results = run(_sweep)
    rows = [{"tenant_id": t, "listed": s.listed, "queued": s.queued} for t, s in results.items()]
    output.show(rows, as_json=json, empty="")
    if not json:
        total = sum(results.values(), NOTHING)
        print(f"Queued {total.queued} of {counted(total.listed, 'listed record')}; a worker collects them.")


def _print_limit(begin: datetime, end: datetime | None, now: datetime) -> None:
    """Print a line if the window starts before the 30 days that Graph has."""
    if begin >= now - WINDOW:
        return
    oldest = window.oldest(now)
    is_some_left = end is None or end > oldest
    listed = f"listing records since {oldest:%Y-%m-%d %H:%M} UTC" if is_some_left else "it has none of this window"
    print(f"Graph has call records of the last 30 days: {listed}", file=sys.stderr)


def fetch(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Call record ids.")],
    tenant: Tenant = None,
) -> None:
    """Queue call records by id; a worker fetches them."""
    call_ids = [arguments.call(text) for text in ids]

    async def _fetch(settings: Settings) -> int:
        tenants = _tenants(settings, tenant)
        if len(tenants) > 1:
            raise typer.BadParameter(f"give one of {', '.join(tenants)}", param_hint="--tenant")
        async with opening.open_database(settings) as database, database.begin() as db:
            await queue.put(db, [Notice(tenants[0], call_id) for call_id in call_ids], datetime.now(UTC))
        return len(set(call_ids))

    print(f"Queued {counted(run(_fetch), 'record')}; `callkeeper inbox` lists the records that are not collected yet.")


def _tenants(settings: Settings, tenant: str | None) -> tuple[TenantId, ...]:
    return settings.azure_tenant_id if tenant is None else (arguments.tenant(settings, tenant),)


def _progress(tenant_id: TenantId) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn(f"{tenant_id}  {{task.fields[listed]}} listed, {{task.fields[queued]}} queued"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
