"""`voice-apps import | list`: the resource accounts of auto attendants and call queues."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from app import ids
from app.archive.sites.files.delimited import FileRefused
from app.archive.voice_apps import file, store
from app.archive.voice_apps.store import Imported
from app.cli.shared import output
from app.cli.shared.running import run
from app.health.durations import counted
from app.ids import TenantId
from app.inbox import tenant_state
from app.runtime import opening
from app.settings.environment import Settings

Tenant = Annotated[str | None, typer.Option(help="Tenant of the accounts; needed if there are several.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Resource accounts of auto attendants and call queues.",
        no_args_is_help=True,
        epilog="Examples: `callkeeper voice-apps import accounts.csv`, `callkeeper voice-apps list --json`",
    )
    group.command(
        "import",
        epilog="Examples: `callkeeper voice-apps import accounts.csv --dry-run`, "
        "`callkeeper voice-apps import accounts.csv`",
    )(import_file)
    group.command("list", epilog="Example: `callkeeper voice-apps list --json`")(list_all)
    app.add_typer(group, name="voice-apps")


def import_file(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help=f"CSV with the columns {','.join(file.COLUMNS)}.", dir_okay=False)
    ],
    tenant: Tenant = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the file.")] = False,
    json: output.Json = False,
) -> None:
    """Replace the imported accounts by those of a file. Accounts that were learned from records stay.

    Kind is AutoAttendant or CallQueue. Names appear at once; outcomes of archived calls follow in the background.
    """
    content = path.read_bytes()
    try:
        accounts = file.read(content)
    except FileRefused as error:
        raise opening.NotReadyError(f"{path}: {'; '.join(error.problems)}") from None

    async def _import(settings: Settings) -> Imported:
        async with opening.open_database(settings) as database:
            async with database.reading() as db:
                tenant_id = _tenant(tenant, await tenant_state.tenant_ids(db))
                if dry_run:
                    return await store.compared(db, tenant_id, accounts)
            async with database.begin() as db:
                return await store.replace(db, tenant_id, accounts, datetime.now(UTC))

    done = run(_import, only_database=True)
    if json:
        print(orjson.dumps(done._asdict() | {"dry_run": dry_run}, option=orjson.OPT_INDENT_2).decode())
        return
    said = f"{done.changed} new or of another kind, {done.removed} not in the file any more"
    if dry_run:
        print(f"{counted(done.accounts, 'account')} are valid ({said}); nothing was changed")
    else:
        print(f"imported {counted(done.accounts, 'account')} ({said})")


def list_all(tenant: Tenant = None, json: output.Json = False) -> None:
    """List the accounts that are imported or learned, with the number of visits by archived calls."""

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            return await store.listed(db, [ids.tenant_id(tenant)] if tenant else None)

    output.show(
        run(_list, only_database=True),
        as_json=json,
        empty="No auto attendant and no call queue is known yet. They are learned from calls, or imported with "
        "`callkeeper voice-apps import FILE`.",
    )


def _tenant(text: str | None, known: Sequence[TenantId]) -> TenantId:
    if text is None:
        if len(known) == 1:
            return known[0]
        raise typer.BadParameter("there are several tenants; name the one of the accounts", param_hint="--tenant")
    if (tenant_id := ids.tenant_id(text)) not in known:
        raise typer.BadParameter(f"{text} is not a tenant of this archive", param_hint="--tenant")
    return tenant_id
