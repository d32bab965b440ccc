"""`inbox`, `inbox retry` and `inbox give-up`: the call records that are not collected yet, and why."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.health.durations import counted
from app.inbox import rows
from app.runtime import opening
from app.settings.environment import Settings


class State(StrEnum):
    due = "due"
    failed = "failed"
    expired = "expired"


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Call records that are not collected yet, and why.", invoke_without_command=True)
    group.callback(epilog="Examples: `callkeeper inbox --state failed`, `callkeeper inbox retry --all-failed`")(show)
    group.command(epilog="Examples: `callkeeper inbox retry ID`, `callkeeper inbox retry --all-failed`")(retry)
    group.command("give-up", epilog="Example: `callkeeper inbox give-up ID`")(give_up)
    app.add_typer(group, name="inbox")


def show(
    context: typer.Context,
    state: Annotated[State | None, typer.Option(help="Only rows in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = 100,
    json: output.Json = False,
) -> None:
    """List the call records that are not collected yet, nearest deadline first."""
    if context.invoked_subcommand:
        return

    async def _show(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            return [_row(row) for row in await rows.rows(db, state=state and state.value, limit=limit)]

    output.show(
        run(_show, only_database=True), as_json=json, empty="The inbox is empty: every notified call is in the archive."
    )


def retry(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID…", help="Call record ids.")] = None,
    all_failed: Annotated[bool, typer.Option("--all-failed", help="Every failed row.")] = False,
) -> None:
    """Make rows due now, whatever their state."""
    if bool(ids) == all_failed:
        raise typer.BadParameter("give either ids or --all-failed")

    call_ids = [arguments.call(text) for text in ids or []]

    async def _retry(settings: Settings) -> int:
        async with opening.open_database(settings) as database, database.begin() as db:
            return await rows.retry_all_failed(db) if all_failed else await rows.retry(db, call_ids)

    made_due = run(_retry, only_database=True)
    if not made_due and not all_failed:
        raise opening.NotReadyError("the inbox has no such row; see `callkeeper inbox`")
    print(f"{counted(made_due, 'row')} due now")


def give_up(ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Call record ids.")]) -> None:
    """Stop requesting these call records. A new notification makes the row due again.

    Use it for ids that Graph answers with 404 for days: short calls of bots often never get a record.
    """
    call_ids = [arguments.call(text) for text in ids]

    async def _give_up(settings: Settings) -> int:
        async with opening.open_database(settings) as database, database.begin() as db:
            return await rows.give_up(db, call_ids)

    given_up = run(_give_up, only_database=True)
    if not given_up:
        raise opening.NotReadyError("the inbox has no such row that is due or failed; see `callkeeper inbox`")
    print(f"{counted(given_up, 'row')} given up; see `callkeeper inbox --state expired`")


def _row(row: Any) -> dict[str, Any]:
    of_call = ("tenant_id", "state", "call_start", "organizer_name")
    names = (*of_call, "attempts", "due_at", "deadline", "error_kind", "last_error")
    values = {name: getattr(row, name) for name in names}
    return {"id": row.call_id, **values, "never_available": rows.is_never_available(row)}
