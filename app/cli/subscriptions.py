"""`subscriptions ensure | list | delete`: the subscriptions that make Graph notify us."""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer

from app.cli.processes import ProbeHost, ProbePort
from app.cli.shared import output
from app.cli.shared.running import run
from app.observability.metrics import Metrics
from app.observability.tracing.start import open_tracing
from app.runtime import lifetime, opening, wiring
from app.settings import units
from app.settings.environment import Settings
from app.subscriptions.ensure import Ensured
from app.subscriptions.renewal import Renewal

_ID = re.compile(r"[A-Za-z0-9-]{1,100}")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Subscriptions to call records at Graph.",
        no_args_is_help=True,
        epilog="Examples: `callkeeper subscriptions ensure`, `callkeeper subscriptions list`",
    )
    group.command(epilog="Examples: `callkeeper subscriptions ensure` (from cron), `… ensure --every 6h --port 9464`")(
        ensure
    )
    group.command("list", epilog="Example: `callkeeper subscriptions list --json`")(list_all)
    group.command(epilog="Example: `callkeeper subscriptions delete 00000000-0000-0000-0000-000000000000`")(delete)
    app.add_typer(group, name="subscriptions")


def ensure(
    every: Annotated[str | None, typer.Option(help="Keep running and repeat, for example every 6h.")] = None,
    host: ProbeHost = "127.0.0.1",
    port: ProbePort = None,
    json: output.Json = False,
) -> None:
    """Create, renew, recreate or adopt subscriptions so that each tenant has one live subscription.

    Exit status 0 only if every tenant has one. `callkeeper serve` must be reachable at PUBLIC_URL meanwhile.
    """
    repeat_every = _duration(every)
    if port is not None and repeat_every is None:
        raise typer.BadParameter("only a process that keeps running can listen: add --every", param_hint="--port")

    async def _ensure(settings: Settings) -> bool:
        metrics = Metrics()

        def on_ensured(*results: Ensured) -> None:
            for result in results:
                metrics.renewals.labels(action=result.action).inc()
            _show(results, as_json=json)

        async with (
            open_tracing("renewal", settings.ssl_cert_file) as tracing,
            opening.open_database(settings) as database,
            wiring.open_graph(settings, metrics, tracing) as graph,
        ):
            ensures = graph.ensures(settings, database, opening.holder())
            if repeat_every is not None:
                server = lifetime.probe(metrics, host, port)
                renewal = Renewal(database, ensures, repeat_every, woken=asyncio.Event(), on_ensured=on_ensured)
                await lifetime.run_until_stopped(server, [], [renewal.run()])
                return True
            results = await asyncio.gather(*(ensure_one() for ensure_one in ensures.values()))
        on_ensured(*results)
        return all(result.good for result in results)

    if not run(_ensure):
        raise typer.Exit(1)


def list_all(json: output.Json = False) -> None:
    """List this app's subscriptions at Graph in each tenant, including those to other resources."""

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with wiring.open_graph(settings, Metrics()) as graph:
            return [
                {
                    "tenant_id": tenant_id,
                    "id": subscription.id,
                    "resource": subscription.resource,
                    "change_type": subscription.change_type,
                    "notification_url": subscription.notification_url,
                    "expires_at": subscription.expires,
                }
                for tenant_id, client in graph.clients.items()
                for subscription in await client.subscriptions()
            ]

    output.show(run(_list), as_json=json, empty="Graph has no subscription of this app.")


def delete(subscription_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Delete a subscription at Graph. `ensure` or a running `serve` then creates a new one if it was ours."""

    async def _delete(settings: Settings) -> bool:
        if not _ID.fullmatch(subscription_id):
            return False
        async with wiring.open_graph(settings, Metrics()) as graph:
            for client in graph.clients.values():
                if await client.subscription(subscription_id):
                    await client.delete_subscription(subscription_id)
                    return True
        return False

    if not run(_delete):
        raise opening.NotReadyError(f"Graph has no subscription {subscription_id}; see `callkeeper subscriptions list`")
    print(f"deleted {subscription_id}")


def _duration(every: str | None) -> timedelta | None:
    try:
        duration: timedelta | None = units.duration(every)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--every") from None
    return duration


def _show(results: Sequence[Ensured], *, as_json: bool) -> None:
    rows = [
        {
            "tenant_id": result.tenant_id,
            "good": result.good,
            "action": result.action,
            "subscription_id": result.subscription_id,
            "expires_at": result.expires_at,
            "problem": result.problem,
        }
        for result in results
    ]
    output.show(rows, as_json=as_json, empty="")
    if not as_json:
        for result in results:
            if result.problem:
                typer.echo(f"callkeeper: tenant {result.tenant_id}: {result.problem}", err=True)
