"""`sites`: buildings and networks that calls are matched with."""

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.archive.queries.filters import Filters
from app.archive.sites import changes, imports, overview, unmapped_subnets
from app.archive.sites.files import address_lists, building_file
from app.archive.sites.files.delimited import FileRefused
from app.archive.sites.imports import Imported
from app.archive.sites.site_map import Period
from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.db import Database
from app.runtime import opening
from app.runtime.opening import NotReadyError
from app.settings.environment import Settings

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV or TSV.", exists=True, dir_okay=False, readable=True)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only check the file; change nothing.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Sites: buildings and networks that calls are matched with.",
        no_args_is_help=True,
        epilog="Examples: `callkeeper sites import buildings.tsv`, `callkeeper sites unmapped`",
    )
    group.command(
        "import",
        epilog="Examples: `callkeeper sites import buildings.csv --dry-run`,"
        " `callkeeper sites import new.tsv --valid-from 2026-04-01`",
    )(import_buildings)
    group.command("list", epilog="Example: `callkeeper sites list --json`")(list_sites)
    group.command("files", epilog="Example: `callkeeper sites files`")(list_files)
    group.command(epilog="Example: `callkeeper sites remove 3`")(remove)
    group.command(epilog="Example: `callkeeper sites egress egress.csv`")(egress)
    group.command("access-points", epilog="Example: `callkeeper sites access-points aps.csv`")(access_points)
    group.command(epilog="Example: `callkeeper sites unmapped --since 28d`")(unmapped)
    app.add_typer(group, name="sites")


def import_buildings(
    file: File,
    *,
    valid_from: Annotated[str | None, typer.Option(help="First day on which the file is valid: 2026-01-31.")] = None,
    valid_to: Annotated[str | None, typer.Option(help="Last day on which the file is valid.")] = None,
    allow_overlap: Annotated[
        bool, typer.Option("--allow-overlap", help="Take overlapping networks; the longest prefix decides.")
    ] = False,
    dry_run: DryRun = False,
    json: output.Json = False,
) -> None:
    """Import CQD's building file. On days that several files are valid for, the last imported one is used.

    Archived calls of these days are matched again by a running `serve` or `worker`.
    """
    period = Period(_day(valid_from, "--valid-from"), _day(valid_to, "--valid-to"))
    if period.first and period.last and period.last < period.first:
        raise typer.BadParameter("must not be before --valid-from", param_hint="--valid-to")
    found = _read(file, lambda content: building_file.read(content, allow_overlap=allow_overlap))
    for warning in found.warnings:
        print(f"{file}: {warning}", file=sys.stderr)
    sites = {row.site for row in found.rows}
    _import(
        lambda db: imports.add_buildings(db, found.rows, period, datetime.now(UTC)),
        {"networks": len(found.rows), "sites": len(sites), "warnings": len(found.warnings)},
        dry_run=dry_run,
        json=json,
    )


def egress(
    file: Annotated[Path, typer.Argument(metavar="IMPORT_FILE", exists=True, dir_okay=False, readable=True)],
    *,
    dry_run: DryRun = False,
    json: output.Json = False,
) -> None:
    """Import the public egress ranges of the organisation; they replace those before.

    A line is `203.0.113.0/24` or `203.0.113.0,24`, with the building after it where the range belongs to one.
    """
    found = _read(file, address_lists.egress)
    _import(
        lambda db: imports.add_egress(db, found, datetime.now(UTC)), {"ranges": len(found)}, dry_run=dry_run, json=json
    )


def access_points(file: File, *, dry_run: DryRun = False, json: output.Json = False) -> None:
    """Import names of Wi-Fi access points, lines of `BSSID,Name`; they replace those before."""
    found = _read(file, address_lists.access_points)
    _import(
        lambda db: imports.add_access_points(db, found, datetime.now(UTC)),
        {"access_points": len(found)},
        dry_run=dry_run,
        json=json,
    )


def list_sites(json: output.Json = False) -> None:
    """List the sites that are valid today with their networks."""

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            return await overview.sites(db, datetime.now(UTC).date())

    rows = run(_list, only_database=True)
    if not json:
        rows = [row | {"networks": ", ".join(one["network"] for one in row["networks"])} for row in rows]
    output.show(
        rows, as_json=json, empty="There are no sites yet. Import a building file with `callkeeper sites import`."
    )


def list_files(json: output.Json = False) -> None:
    """List the imported files that are in use, the last imported one first, with the calls still to be matched."""

    async def _list(settings: Settings) -> tuple[list[dict[str, Any]], int]:
        async with opening.open_database(settings) as database, database.reading() as db:
            found = await imports.listed(db)
            return [{name: row[name] for name in row if name != "sha256"} for row in found], await changes.count(db)

    rows, waiting = run(_list, only_database=True)
    output.show(rows, as_json=json, empty="Nothing was imported yet.")
    if waiting and not json:
        print(f"{waiting} archived calls are still to be matched by a running `serve` or `worker`.")


def remove(key: Annotated[int, typer.Argument(metavar="KEY", help="Of `callkeeper sites files`.")]) -> None:
    """Remove an imported file; calls are matched with the files that are left."""

    async def _remove(settings: Settings) -> bool:
        async with opening.open_database(settings) as database, database.begin() as db:
            return await imports.remove(db, key, datetime.now(UTC))

    if not run(_remove, only_database=True):
        raise NotReadyError(f"there is no file {key}; see `callkeeper sites files`")
    print(f"removed file {key}")


def unmapped(
    since: Annotated[str, typer.Option(help="Calls that began since: 28d, or a time.")] = "28d",
    least: Annotated[int, typer.Option(min=1, help="Audio streams that a subnet must have.")] = unmapped_subnets.LEAST,
    json: output.Json = False,
) -> None:
    """List subnets of the own people that are in no file, those with the most audio streams first."""
    now = datetime.now(UTC)
    begin = arguments.moment(since, "--since", now)

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            found = await unmapped_subnets.read(db, Filters(since=begin, until=now), least=least)
            return [one.as_json() for one in found]

    output.show(
        run(_list, only_database=True), as_json=json, empty=f"No unmapped subnet has {least} audio streams or more."
    )


def _read(file: Path, parse: Callable[[bytes], Any]) -> Any:
    try:
        return parse(file.read_bytes())
    except FileRefused as refused:
        *others, last = refused.problems
        for problem in others:
            print(f"{file}: {problem}", file=sys.stderr)
        raise NotReadyError(f"{file}: {last}") from None


def _import(add: Callable[[Any], Awaitable[Imported]], counts: dict[str, int], *, dry_run: bool, json: bool) -> None:
    async def _add(settings: Settings) -> dict[str, Any]:
        async with opening.open_database(settings) as database:
            return await _stored(database, add)

    stored = {"file": None, "is_new": False, "calls_to_match": 0} if dry_run else run(_add, only_database=True)
    output.show([counts | stored], as_json=json, empty="")
    if json:
        return
    if dry_run:
        print("The file can be imported. Nothing was changed.")
    elif not stored["is_new"]:
        print("The same list was imported before; nothing was changed.")
    elif stored["calls_to_match"]:
        print(f"{stored['calls_to_match']} archived calls are matched again by a running `serve` or `worker`.")


async def _stored(database: Database, add: Callable[[Any], Awaitable[Imported]]) -> dict[str, Any]:
    async with database.begin() as db:
        imported = await add(db)
    async with database.reading() as db:
        calls = await changes.count(db) if imported.is_new else 0
    return {"file": imported.key, "is_new": imported.is_new, "calls_to_match": calls}


def _day(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date such as 2026-01-31", param_hint=option) from None
