"""`webhooks add | list | remove | test | deliveries | replay | rotate | enable`: where events are sent."""

import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.db import Database
from app.outbound.delivery.deliver import Deliver
from app.outbound.formats import formats
from app.outbound.registry import deliveries, listing, webhooks
from app.outbound.sending.target import WebhookRefused
from app.outbox import writing
from app.outbox.event import SUBSCRIBABLE, TEST_PING, Event
from app.outbox.tables import STATES
from app.outbox.tables import deliveries as table
from app.runtime import jobs, opening
from app.settings.environment import Settings

BY = "command line"

Id = Annotated[str, typer.Argument(metavar="ID", help="The id that `callkeeper webhooks list` shows.")]
Format = StrEnum("Format", {name: name for name in formats.BODIES})  # type: ignore[misc]
DeliveryState = StrEnum("DeliveryState", {name: name for name in STATES})  # type: ignore[misc]

_ADD = (
    "Examples: `callkeeper webhooks add https://hooks.example.com/calls --events call.archived,call.poor`,"
    ' `callkeeper webhooks add "$FLOW_URL" --events alert.firing,alert.resolved --format teams`'
)


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Webhooks: where events are sent.",
        no_args_is_help=True,
        epilog="Examples: `callkeeper webhooks list`, `callkeeper webhooks test ID`",
    )
    group.command(epilog=_ADD)(add)
    group.command("list", epilog="Example: `callkeeper webhooks list --json`")(list_all)
    group.command(epilog="Example: `callkeeper webhooks remove wh_0123456789ab`")(remove)
    group.command(epilog="Example: `callkeeper webhooks test wh_0123456789ab`")(test)
    group.command("deliveries", epilog="Example: `callkeeper webhooks deliveries wh_0123456789ab --state failed`")(
        list_deliveries
    )
    group.command(
        epilog="Examples: `callkeeper webhooks replay wh_0123456789ab`,"
        " `callkeeper webhooks replay wh_0123456789ab --since 6h`"
    )(replay)
    group.command(epilog="Example: `callkeeper webhooks rotate wh_0123456789ab`")(rotate)
    group.command(epilog="Example: `callkeeper webhooks enable wh_0123456789ab`")(enable)
    app.add_typer(group, name="webhooks")


def add(
    url: Annotated[str, typer.Argument(help="https; http only for this machine, listed in WEBHOOK_ALLOW.")],
    events: Annotated[str, typer.Option(help=f"Separated by commas: {', '.join(SUBSCRIBABLE)}.")],
    format: Annotated[Format, typer.Option(help="Format of the body.")] = Format("standard"),  # noqa: A002
    tenant: Annotated[list[str] | None, typer.Option(help="Only events of this tenant; can be repeated.")] = None,
    json: output.Json = False,
) -> None:
    """Add a webhook, and show its signing secret once."""
    kinds = [kind.strip() for kind in events.split(",") if kind.strip()]

    async def _add(settings: Settings, db: AsyncConnection) -> webhooks.Added:
        tenants = sorted({arguments.tenant(settings, text) for text in tenant}) if tenant else None
        allowed = settings.webhook_allow or ()
        return await webhooks.add(
            db, url, kinds, format.value, tenants=tenants, by=BY, at=datetime.now(UTC), allowed=allowed
        )

    added = _change(_add)
    if json:
        print(orjson.dumps({"id": added.webhook_id, "secret": added.secret}, option=orjson.OPT_INDENT_2).decode())
        return
    print(added.webhook_id)
    if added.secret:
        print(added.secret)
        print("Save the secret on the second line now: it is not shown again.", file=sys.stderr)


def list_all(json: output.Json = False) -> None:
    """List the webhooks, with what waits for each, and since when one fails."""

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            return await listing.all_of(db, None)

    rows = run(_list, only_database=True)
    if not json:
        rows = [row | {name: ", ".join(row[name] or ["all"]) for name in ("events", "tenants")} for row in rows]
    output.show(rows, as_json=json, empty="There are no webhooks yet. Add one with `callkeeper webhooks add URL`.")


def remove(webhook_id: Id) -> None:
    """Remove a webhook with its deliveries."""
    _change(lambda _, db: webhooks.remove(db, webhook_id, None))
    print(f"removed {webhook_id}")


def test(webhook_id: Id) -> None:
    """Send the event test.ping now, and show what the receiver answers. Exit status 1 if it is not accepted."""

    async def _test(settings: Settings) -> str | None:
        async with opening.open_database(settings) as database:
            delivery_id = await _ping(database, webhook_id)
            deliver = Deliver(database, jobs.reach(settings), holder=opening.holder())
            settled = await deliver.one(webhook_id, delivery_id)
        return settled[1].error if settled else "another process is sending it; see `callkeeper webhooks deliveries`"

    if error := _refused_in_words(_test):
        raise opening.NotReadyError(f"not delivered: {error}")
    print("delivered")


def list_deliveries(
    webhook_id: Id,
    state: Annotated[DeliveryState | None, typer.Option(help="Only deliveries in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 50,
    json: output.Json = False,
) -> None:
    """List what was sent to a webhook, what waits, and what failed and why; the newest first."""

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            await webhooks.find(db, webhook_id, None)
            rows = await deliveries.page(db, webhook_id, state=state.value if state else None, limit=limit)
            return [listing.delivery(row) for row in rows]

    output.show(_refused_in_words(_list), as_json=json, empty="There are no such deliveries.")


def replay(
    webhook_id: Id,
    since: Annotated[
        str | None, typer.Option(help="All events since then, for example 6h, also those that were delivered.")
    ] = None,
) -> None:
    """Deliver again what failed, or all events since a time. A receiver recognises repeated ones by webhook-id."""
    begin = arguments.moment(since, "--since", datetime.now(UTC))

    async def _replay(settings: Settings) -> int:
        total = 0
        async with opening.open_database(settings) as database:
            while True:
                async with database.begin() as db:
                    await webhooks.find(db, webhook_id, None)
                    some = await deliveries.replay(db, webhook_id, begin)
                total += some
                if some < deliveries.CHUNK:
                    return total

    print(f"{_refused_in_words(_replay)} deliveries are due again")


def rotate(webhook_id: Id) -> None:
    """Make a new signing secret and show it once. For a day, both secrets sign."""
    print(_change(lambda _, db: webhooks.rotate(db, webhook_id, None, datetime.now(UTC))))
    print("Save this secret now: it is not shown again. The previous one signs as well for 24 hours.", file=sys.stderr)


def enable(webhook_id: Id) -> None:
    """Deliver again to a webhook that was disabled. `replay` sends what failed meanwhile."""
    _change(lambda _, db: webhooks.enable(db, webhook_id, None))
    print(f"enabled {webhook_id}")


async def _ping(database: Database, webhook_id: str) -> int:
    """Write the event, and return its delivery's id."""
    now = datetime.now(UTC)
    async with database.begin() as db:
        await webhooks.find(db, webhook_id, None)
        subject = f"test {now.isoformat()}"
        await writing.write_to(db, webhook_id, Event(TEST_PING, subject, None, {}), now)
        newest = select(func.max(table.c.id)).where(table.c.webhook_id == webhook_id, table.c.subject == subject)
        return int(await db.scalar(newest) or 0)


def _change(step: Any) -> Any:
    """One step in a transaction."""

    async def _changed(settings: Settings) -> Any:
        async with opening.open_database(settings) as database, database.begin() as db:
            return await step(settings, db)

    return _refused_in_words(_changed)


def _refused_in_words(command: Any) -> Any:
    try:
        return run(command, only_database=True)
    except WebhookRefused as error:
        raise opening.NotReadyError(str(error)) from None
