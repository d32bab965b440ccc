"""`purge` and `erase`: calls that are too old, and a person's data, taken out of the archive."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.archive.erasure.erase_person import Progress as Told
from app.archive.erasure.erase_person import Report, erase
from app.archive.parse import identifiers
from app.archive.retention import expired_calls, reclaim_space
from app.cli import output
from app.cli.running import run
from app.db import Database
from app.runtime import wiring
from app.settings import units
from app.settings.environment import Settings

# What the archive makes of its records, in which a person, or the name of a person's device, may stand too.
DERIVED = ("people", "call_people", "call_tallies", "day_tallies")

SHORTEST = 5  # characters of an id

DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing, only say what would be.")]
Rebuild = Annotated[
    bool | None,
    typer.Option(
        "--rebuild/--no-rebuild",
        help="Write the SQLite file, or PostgreSQL's tables (VACUUM FULL), anew: what deleted rows leave in them is"
        " gone. Nobody else writes meanwhile.",
    ),
]


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Examples: `callkeeper purge --older-than 400d --dry-run`, `callkeeper purge --older-than 400d`"
    )(purge)
    app.command(
        "erase",
        epilog="Examples: `callkeeper erase 00000000-0000-0000-0000-000000000000 --dry-run`,"
        " `callkeeper erase ada@contoso.com`, `callkeeper erase +4930123456`",
    )(erase_person)


def purge(
    older_than: Annotated[str, typer.Option(help="Age of a call, counted from its end: 400d.")],
    dry_run: DryRun = False,
    rebuild: Rebuild = None,
    json: output.Json = False,
) -> None:
    """Delete calls that are older, with all their rows and documents. RETENTION does so by itself.

    New calls take the places of the deleted ones; only with --rebuild the database gets smaller.
    """
    before = datetime.now(UTC) - _age(older_than)

    async def _purge(settings: Settings) -> Counter[str]:
        async with wiring.open_database(settings, statement_limit=None) as database:
            async with database.reading() as db:
                calls = await expired_calls.count(db, before)
            if dry_run:
                return Counter(call_records=calls)
            deleted: Counter[str] = Counter()
            with _progress() as told:
                async for some in expired_calls.purge(database, before):
                    deleted.update(some)
                    told("deleting", deleted["call_records"], calls)
                await _clean(database, list(deleted), anew=bool(rebuild), told=told)
            return deleted

    deleted = run(_purge)
    _show(deleted, as_json=json, empty="No call is older.")
    if dry_run and not json:
        print("Nothing was changed.")


def erase_person(
    user_id: Annotated[
        str, typer.Argument(metavar="USER_ID", help="Object id, address or telephone number, in any form.")
    ],
    dry_run: DryRun = False,
    rebuild: Rebuild = None,
    json: output.Json = False,
) -> None:
    """Take one person out of every row and document; the calls stay, with a pseudonym in the person's place.

    It stays so for later versions of these calls and for new calls. The SQLite file is written anew unless
    --no-rebuild; PostgreSQL's tables only with --rebuild. Backups, replicas, exports and archived WAL are yours to
    renew: the next `callkeeper export` writes the days again that the person was in.
    """
    person = _person(user_id)

    async def _erase(settings: Settings) -> Report:
        async with wiring.open_database(settings, statement_limit=None) as database:
            with _progress() as told:
                report = await erase(database, person, dry_run=dry_run, progress=told)
                if not dry_run:
                    anew = database.dialect == "sqlite" if rebuild is None else rebuild
                    await _clean(database, [*report.rows, *DERIVED], anew=anew, told=told)
            return report

    report = run(_erase)
    _show(report.rows, as_json=json, empty="The archive has nothing of this person.")
    if not json:
        print("Nothing was changed." if dry_run else f"Erased from {report.calls} calls, and from those to come.")


async def _clean(database: Database, tables: list[str], *, anew: bool, told: Told) -> None:
    if not anew:
        await reclaim_space.reuse(database, tables)
        return
    told("rebuilding", 0, 1)
    if not await reclaim_space.rebuild(database, tables):
        raise wiring.NotReadyError(
            "done, but another process still reads what was before, which therefore stays in the file's -wal:"
            " run the same command again, or stop that process"
        )
    told("rebuilding", 1, 1)


def _age(text: str) -> timedelta:
    try:
        age: timedelta = units.duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--older-than") from None
    if age < expired_calls.SHORTEST:
        raise typer.BadParameter("at least 1d: younger calls still change", param_hint="--older-than")
    return age


def _person(text: str) -> str:
    """A name is no id: several people may have it, and it may be a word."""
    normal = identifiers.normal(text)
    if len(normal) < SHORTEST or any(character.isspace() for character in normal):
        wrong = "give an object id, a user principal name (ada@contoso.com) or a telephone number (+4930123456)"
        raise typer.BadParameter(wrong, param_hint="USER_ID")
    return text.strip()


def _show(counts: Counter[str], *, as_json: bool, empty: str) -> None:
    rows = [{"table": table, "rows": count} for table, count in sorted(counts.items())]
    output.show(rows, as_json=as_json, empty=empty)


@contextmanager
def _progress() -> Iterator[Told]:
    """On a terminal's standard error; nothing on a pipe."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda what, done, total: progress.update(task, description=what, completed=done, total=total)
