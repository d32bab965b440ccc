"""`sessions list | end`: users who are signed in to the pages."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from app.access import sign_in_sessions
from app.cli.shared import output
from app.cli.shared.running import run
from app.health.durations import counted
from app.runtime import opening
from app.settings.environment import Settings


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Users who are signed in to the pages.",
        no_args_is_help=True,
        epilog="Examples: `callkeeper sessions list`, `callkeeper sessions end --all`",
    )
    group.command("list", epilog="Example: `callkeeper sessions list --json`")(list_open)
    group.command(epilog="Examples: `callkeeper sessions end 0123456789abcdef`, `callkeeper sessions end --all`")(end)
    app.add_typer(group, name="sessions")


def list_open(json: output.Json = False) -> None:
    """List the sessions that have not ended: who signed in, how, with which scope and tenants, and until when."""

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            return await sign_in_sessions.list_open(db, datetime.now(UTC))

    rows = run(_list, only_database=True)
    if not json:
        rows = [row | {"tenants": ", ".join(row["tenants"]) if row["tenants"] else "all"} for row in rows]
    output.show(rows, as_json=json, empty="No user is signed in.")


def end(
    session_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The id that `sessions list` shows.")] = None,
    every: Annotated[bool, typer.Option("--all", help="End every session.")] = False,
) -> None:
    """End a session, or all, at once and at every replica. The user can sign in again while the key is valid."""
    if (session_id is None) != every:
        raise typer.BadParameter("give one id, or --all", param_hint="ID")

    async def _end(settings: Settings) -> int:
        async with opening.open_database(settings) as database, database.begin() as db:
            if session_id is None:
                return await sign_in_sessions.end_all(db)
            return int(await sign_in_sessions.end(db, session_id))

    ended = run(_end, only_database=True)
    if session_id is not None and not ended:
        raise opening.NotReadyError(f"there is no session {session_id}; see `callkeeper sessions list`")
    print(f"ended {counted(ended, 'session')}")
