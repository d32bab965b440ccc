"""`keys create | list | revoke`: API keys, which give programs and people access to the archive."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.access import keys
from app.access.keys import KeyRefused, Revoked
from app.cli.shared import arguments, output
from app.cli.shared.running import run
from app.ids import TenantId
from app.runtime import opening
from app.settings import units
from app.settings.environment import Settings

Name = Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, dots, dashes and underscores.")]


class KeyScope(StrEnum):
    read = "read"
    admin = "admin"


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="API keys: access to the archive.",
        no_args_is_help=True,
        epilog="Examples: `callkeeper keys create reports`, `callkeeper keys list`, `callkeeper keys revoke reports`",
    )
    group.command(
        epilog="Examples: `callkeeper keys create reports --scope read`, `callkeeper keys create reports --expires 90d`"
    )(create)
    group.command("list", epilog="Example: `callkeeper keys list --json`")(list_all)
    group.command(epilog="Example: `callkeeper keys revoke reports`")(revoke)
    app.add_typer(group, name="keys")


def create(
    name: Name,
    scope: Annotated[
        KeyScope, typer.Option(help="read, or admin to retry calls and read the audit as well.")
    ] = KeyScope.read,
    tenant: Annotated[list[str] | None, typer.Option(help="Only this tenant's calls; can be repeated.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="Age at which the key is refused, for example 90d; by default never.")
    ] = None,
    sites: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only calls of these sites of the building file.")
    ] = None,
    more_sites: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    json: output.Json = False,
) -> None:
    """Create a key and show it once; only its hash is stored."""
    now = datetime.now(UTC)
    expires_at = now + _age(expires) if expires else None
    if more_sites and not sites:
        raise typer.BadParameter(f"unexpected {' '.join(more_sites)}", param_hint="NAME")
    of_sites = [*(sites or ()), *(more_sites or ())] or None

    async def _create(settings: Settings) -> dict[str, Any]:
        tenants = _tenants(settings, tenant)
        async with opening.open_database(settings) as database, database.begin() as db:
            key = await keys.create(db, name, scope.value, tenants, now, expires_at=expires_at, sites=of_sites)
            known = await _known_sites(db, now.date()) if of_sites else set()
        for site in sorted(set(of_sites or ()) - known):
            print(f"Warning: the building file has no site {site}. Check the name.", file=sys.stderr)
        return {
            "name": name,
            "scope": scope.value,
            "tenants": tenants,
            "sites": of_sites,
            "expires_at": expires_at,
            "key": key,
        }

    made = _run(_create)
    if json:
        print(orjson.dumps(made, option=orjson.OPT_INDENT_2).decode())
        return
    print(made["key"])  # the only line on standard output, for `KEY=$(callkeeper keys create …)`
    until = f", valid until {expires_at:%Y-%m-%d %H:%M} UTC" if expires_at else ""
    print(f"Save key {name} (scope {scope.value}{until}) now: it is not shown again.", file=sys.stderr)


async def _known_sites(db: AsyncConnection, day: date) -> set[str]:
    from app.archive.sites import overview  # noqa: PLC0415 -- with all of the archive, 3 MB for every other command

    return {one["site"] for one in await overview.sites(db, day)}


def list_all(json: output.Json = False) -> None:
    """List every key, also revoked and expired ones: scope, tenants, expiry and last use, but not the key itself."""

    async def _list(settings: Settings) -> list[dict[str, Any]]:
        async with opening.open_database(settings) as database, database.reading() as db:
            return await keys.list_keys(db)

    rows = run(_list, only_database=True)
    if not json:
        rows = [row | {name: _listed(row[name]) for name in ("tenants", "sites")} for row in rows]
    output.show(rows, as_json=json, empty="There are no keys yet. Create one with `callkeeper keys create NAME`.")


def revoke(name: Name) -> None:
    """Revoke a key at once, at every replica. Its name cannot be used again, because the audit refers to it."""

    async def _revoke(settings: Settings) -> Revoked:
        async with opening.open_database(settings) as database, database.begin() as db:
            return await keys.revoke(db, name, datetime.now(UTC))

    revoked = _run(_revoke)
    print(f"revoked {name}" if revoked.now else f"{name} was already revoked on {revoked.at:%Y-%m-%d %H:%M} UTC")


def _listed(names: Sequence[str] | None) -> str:
    return "all" if names is None else ", ".join(names)


def _age(text: str) -> timedelta:
    try:
        age: timedelta = units.duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--expires") from None
    return age


def _run(command: Any) -> Any:
    try:
        return run(command, only_database=True)
    except KeyRefused as error:
        raise opening.NotReadyError(str(error)) from None


def _tenants(settings: Settings, named: list[str] | None) -> list[TenantId] | None:
    return sorted({arguments.tenant(settings, text) for text in named}) if named else None
