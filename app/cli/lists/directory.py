"""`directory import | list`: department, cost centre and site of each person, from a file of your directory."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from app import ids
from app.archive.directory import file, store
from app.archive.directory.file import DirectoryRefused
from app.archive.directory.store import Imported
from app.cli.shared import output
from app.cli.shared.running import run
from app.health.durations import counted
from app.ids import TenantId
from app.inbox import tenant_state
from app.runtime import opening
from app.settings.environment import Settings

Tenant = Annotated[str | None, typer.Option(help="Tenant whose calls the file describes; needed if there are several.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Department, cost centre and site of each person.",
        no_args_is_help=True,
        epilog="Examples: `callkeeper directory import people.csv`, `callkeeper directory list --json`",
    )
    group.command(
        "import",
        epilog="Examples: `callkeeper directory import people.csv --dry-run`, `callkeeper directory import people.csv`",
    )(import_file)
    group.command("list", epilog="Example: `callkeeper directory list --json`")(list_all)
    app.add_typer(group, name="directory")


def import_file(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help=f"CSV with the columns {','.join(file.COLUMNS)}.", dir_okay=False)
    ],
    tenant: Tenant = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the file.")] = False,
    json: output.Json = False,
) -> None:
    """Replace the directory by a file. It takes effect at once, for archived calls too.

    Only UserPrincipalName and Department are required. ValidFrom and ValidTo are days (2026-01-31), both inclusive.
    """
    content = path.read_bytes()
    try:
        entries = file.read(content)
    except DirectoryRefused as error:
        raise opening.NotReadyError(f"{path}: {error}") from None

    async def _import(settings: Settings) -> Imported:
        async with opening.open_database(settings) as database:
            async with database.reading() as db:
                tenant_id = _tenant(tenant, await tenant_state.tenant_ids(db))
            if dry_run:
                return Imported(len(entries), 0, 0)
            async with database.begin() as db:
                return await store.replace(db, tenant_id, entries, datetime.now(UTC))

    done = run(_import, only_database=True)
    if json:
        print(orjson.dumps(done._asdict() | {"dry_run": dry_run}, option=orjson.OPT_INDENT_2).decode())
        return
    print(f"{counted(done.rows, 'row')} are valid; nothing was changed" if dry_run else _said(done))


def list_all(tenant: Tenant = None, json: output.Json = False) -> None:
    """List the rows of the directory."""

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            return await store.listed(db, [ids.tenant_id(tenant)] if tenant else None)

    output.show(
        run(_list, only_database=True),
        as_json=json,
        empty="The directory is empty. Fill it with `callkeeper directory import FILE`.",
    )


def _tenant(text: str | None, known: Sequence[TenantId]) -> TenantId:
    if text is None:
        if len(known) == 1:
            return known[0]
        raise typer.BadParameter(
            "there are several tenants; name the one that the file describes", param_hint="--tenant"
        )
    if (tenant_id := ids.tenant_id(text)) not in known:
        raise typer.BadParameter(f"{text} is not a tenant of this archive", param_hint="--tenant")
    return tenant_id


def _said(done: Imported) -> str:
    erased = f"; {counted(done.erased, 'row')} of erased people left out" if done.erased else ""
    return f"imported {counted(done.rows, 'row')}, which replaced {counted(done.before, 'row')}{erased}"
