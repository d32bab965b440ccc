"""`purge` and `erase`: delete old calls, and remove a person's data from the archive."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import typer

from app.archive.erasure.erase_person import Report, erase, request_erasure
from app.archive.erasure.requests.run import Progress as OnProgress
from app.archive.parse.identities import identifiers
from app.archive.retention import expired_calls, expired_log_rows, reclaim_space
from app.cli.shared import output, progress_bar
from app.cli.shared.running import run
from app.db import Database
from app.export import known_folders, manifest
from app.export.formats import Format
from app.export.run import export
from app.health.durations import counted
from app.inbox import organizers
from app.runtime import opening
from app.settings import units
from app.settings.environment import Settings

# Tables derived from call records, which may contain a person or the name of a person's device, too.
DERIVED = ("people", "call_people", "call_counts", "count_changes", "counted_values", "hour_counts", "day_counts")

SHORTEST = 5  # characters of an id

DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; only report what would change.")]
Rebuild = Annotated[
    bool | None,
    typer.Option(
        "--rebuild/--no-rebuild",
        help="Rewrite the SQLite file or the PostgreSQL tables (VACUUM FULL), which removes the remains of deleted"
        " rows. Other processes cannot write meanwhile.",
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
    older_than: Annotated[
        str, typer.Option(help="Minimum age of the calls, counted from their end, for example 400d.")
    ],
    dry_run: DryRun = False,
    rebuild: Rebuild = None,
    json: output.Json = False,
) -> None:
    """Delete old calls with all their rows and documents. RETENTION does this automatically.

    New calls reuse the space; the database becomes smaller only with --rebuild.
    """
    before = datetime.now(UTC) - _age(older_than)

    async def _purge(settings: Settings) -> Counter[str]:
        async with opening.open_database(settings, statement_limit=None) as database:
            async with database.reading() as db:
                calls, log_rows = await expired_calls.count(db, before), await expired_log_rows.count(db, before)
            if dry_run:
                return Counter({"call_records": calls} | ({"call_log_rows": log_rows} if log_rows else {}))
            deleted: Counter[str] = Counter()
            with progress_bar.shown() as on_progress:
                async for some in expired_calls.purge(database, before):
                    deleted.update(some)
                    on_progress("deleting", deleted["call_records"], calls)
                async with database.begin() as db:
                    if removed := await organizers.remove_before(db, before):
                        deleted["inbox"] += removed
                async for some in expired_log_rows.purge(database, before):
                    deleted.update(some)
                    on_progress("deleting rows of the logs", deleted["call_log_rows"], log_rows)
                await _reclaim(database, list(deleted), rebuild=bool(rebuild), on_progress=on_progress)
            return deleted

    deleted = run(_purge, only_database=True)
    _show(deleted, as_json=json, empty="No call is that old.")
    if dry_run and not json:
        print("Nothing was changed.")


def erase_person(
    user_id: Annotated[
        str, typer.Argument(metavar="USER_ID", help="Object id, user principal name or phone number, in any form.")
    ],
    dry_run: DryRun = False,
    rebuild: Rebuild = None,
    background: Annotated[
        bool, typer.Option("--background", help="Return at once: a running `serve` or `worker` does the work.")
    ] = False,
    rewrite_exports: Annotated[
        bool, typer.Option("--rewrite-exports", help="Export again into every known folder that this machine has.")
    ] = False,
    json: output.Json = False,
) -> None:
    """Remove one person from every row and document. The calls stay, with a pseudonym instead of the person.

    Interrupt it at any time: a running `serve` or `worker` continues, or the same command does. Searches do not find
    the person from the beginning on. Later versions of these calls and new calls get the same pseudonym. The SQLite
    file is rewritten unless --no-rebuild is given; PostgreSQL tables are rewritten only with --rebuild. What remains,
    and for how long, is printed, and so are the folders of earlier exports, which --rewrite-exports writes again.
    Replace backups, replicas and archived WAL yourself.
    """
    person = _person(user_id)
    if background and dry_run:
        raise typer.BadParameter("cannot be combined with --dry-run", param_hint="--background")
    if background:
        _request(person)
        return

    left: list[str] = []

    async def _erase(settings: Settings) -> Report:
        async with opening.open_database(settings, statement_limit=None) as database:
            with progress_bar.shown() as on_progress:
                report = await erase(
                    database, person, dry_run=dry_run, progress=on_progress, elsewhere={"inbox": organizers.remove}
                )
                if not dry_run:
                    wanted = database.dialect == "sqlite" if rebuild is None else rebuild
                    await _reclaim(database, [*report.rows, *DERIVED], rebuild=wanted, on_progress=on_progress)
                    left.extend(await reclaim_space.remains(database, rebuilt=wanted))
                    left.extend(await _exports(database, rewrite=rewrite_exports, on_progress=on_progress))
            return report

    report = run(_erase, only_database=True)
    _show(report.rows, as_json=json, empty="The archive contains nothing about this person.")
    if not json:
        print(
            "Nothing was changed." if dry_run else f"Erased from {counted(report.calls, 'call')} and from future calls."
        )
        if report.unreadable:
            left.insert(0, f"{counted(report.unreadable, 'call')}: the document cannot be read and may name the person")
        for line in left:
            print(f"- {line}")


def _request(person: str) -> None:
    async def _add(settings: Settings) -> None:
        async with opening.open_database(settings) as database:
            await request_erasure(database, person)

    run(_add, only_database=True)
    print("A running `serve` or `worker` erases the person; `callkeeper status` shows how far it is.")
    print("Run the same command without --background afterwards: it says what remains, and rewrites the SQLite file.")


async def _exports(database: Database, *, rewrite: bool, on_progress: OnProgress) -> list[str]:
    """A line for each folder of an earlier export: rewritten, or how to rewrite it."""
    async with database.begin() as db:
        folders = await known_folders.known(db)
    lines = []
    for folder in folders:
        tenant = manifest.tenant_of(folder.path) if folder.is_here else None
        of_tenant = f" --tenant {tenant}" if tenant else ""
        command = f"callkeeper export --format {folder.format} --out {folder.path}{of_tenant}"
        if not folder.is_here:
            lines.append(f"export on {folder.host}: run `{command}` there, or remove the folder")
        elif rewrite:
            tables = list(manifest.read(folder.path, folder.format, tenant).tables)
            progress = partial(on_progress, "exporting")
            form = Format(folder.format)
            await export(database, folder.path, form, tables=tables, tenant=tenant, progress=progress)
            lines.append(f"export in {folder.path}: rewritten")
        else:
            lines.append(f"export in {folder.path}: run `{command}`, or this command with --rewrite-exports")
    return lines


async def _reclaim(database: Database, tables: list[str], *, rebuild: bool, on_progress: OnProgress) -> None:
    if not rebuild:
        await reclaim_space.reuse(database, tables)
        return
    on_progress("rebuilding", 0, 1)
    if not await reclaim_space.rebuild(database, tables):
        raise opening.NotReadyError(
            "deleted, but another process still reads the old data, which therefore remains in the database:"
            " run the same command again, or stop that process"
        )
    on_progress("rebuilding", 1, 1)


def _age(text: str) -> timedelta:
    try:
        age: timedelta = units.duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--older-than") from None
    if age < expired_calls.SHORTEST:
        raise typer.BadParameter("must be at least 1d: younger calls still change", param_hint="--older-than")
    return age


def _person(text: str) -> str:
    """The id as given; a name is refused, because several people may share it."""
    normal = identifiers.normal(text)
    if len(normal) < SHORTEST or any(character.isspace() for character in normal):
        wrong = "give an object id, a user principal name (ada@contoso.com) or a telephone number (+4930123456)"
        raise typer.BadParameter(wrong, param_hint="USER_ID")
    return text.strip()


def _show(counts: Counter[str], *, as_json: bool, empty: str) -> None:
    rows = [{"table": table, "rows": count} for table, count in sorted(counts.items())]
    output.show(rows, as_json=as_json, empty=empty)
