"""The stored map of resource accounts: replaced by a file, learned from records, listed. Nothing here commits."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import Dialect, false, func, literal_column, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.outcomes.facts import APP_KINDS
from app.archive.schema.outcome_tables import voice_app_steps, voice_apps
from app.archive.voice_apps.file import Account
from app.db import JsonRows, direct, now, upsert
from app.db.direct import Changing, Steps
from app.ids import TenantId

if TYPE_CHECKING:  # PostgreSQL's costs a process that has SQLite 3 MB
    from sqlalchemy.dialects import postgresql, sqlite

REMOVED = "removed"  # the kind of an account that the last file does not have, until its calls are marked

a, s = voice_apps.c, voice_app_steps.c


class Imported(NamedTuple):
    """How many accounts the file has, and how many of them are new or another kind; how many it does not have."""

    accounts: int
    changed: int
    removed: int


async def compared(db: AsyncConnection, tenant_id: TenantId, accounts: Sequence[Account]) -> Imported:
    """What an import would do."""
    before = await _kinds(db, tenant_id)
    changed = [one for one in accounts if before.get(one.object_id) != one.kind]
    return Imported(len(accounts), len(changed), len(await _gone(db, tenant_id, accounts)))


async def replace(db: AsyncConnection, tenant_id: TenantId, accounts: Sequence[Account], at: datetime) -> Imported:
    """The imported accounts of the tenant are those of the file. What was learned of others stays."""
    done, before = await compared(db, tenant_id, accounts), await _kinds(db, tenant_id)
    revision = (await db.scalar(select(func.max(a.revision))) or 0) + 1
    for one in accounts:
        values = {"name": one.name, "kind": one.kind, "is_imported": True, "revision": revision, "changed_at": at}
        if before.get(one.object_id) != one.kind:
            values["applied_at"] = None
        put = upsert(voice_apps, db.dialect.name).values(tenant_id=tenant_id, object_id=one.object_id, **values)
        await db.execute(put.on_conflict_do_update(index_elements=["tenant_id", "object_id"], set_=values))
    gone = {"kind": REMOVED, "is_imported": False, "revision": revision, "changed_at": at, "applied_at": None}
    of_gone = a.object_id.in_(await _gone(db, tenant_id, accounts))
    await db.execute(update(voice_apps).where(a.tenant_id == tenant_id, of_gone).values(gone))
    return done


def learning(dialect: Dialect, found: Iterable[tuple[TenantId, str, str | None, str]]) -> Steps[None]:
    """Insert accounts that a record says something of, where they are not known: tenant, object id, name and kind."""
    rows = sorted({(tenant_id, object_id): (name, kind) for tenant_id, object_id, name, kind in found}.items())
    if rows:
        statement = direct.compiled(_learning(dialect.name), dialect)
        given = orjson.dumps([[*key, *values] for key, values in rows]).decode()
        yield Changing(statement, direct.bound(statement, {"rows": given}))


async def listed(db: AsyncConnection, tenants: Sequence[TenantId] | None = None) -> list[dict[str, Any]]:
    """Every account by tenant, kind and name, with the number of visits by archived calls."""
    visits = select(s.object_id, func.count().label("visits")).group_by(s.object_id).subquery()
    columns = (a.object_id, a.name, a.kind, a.is_imported, a.tenant_id, func.coalesce(visits.c.visits, 0))
    wanted = select(*columns).outerjoin(visits, visits.c.object_id == a.object_id).where(a.kind.in_(APP_KINDS))
    if tenants is not None:
        wanted = wanted.where(a.tenant_id.in_(tenants))
    names = ("object_id", "name", "kind", "source", "tenant_id", "visits")
    rows = await db.execute(wanted.order_by(a.tenant_id, a.kind, a.name, a.object_id))
    return [
        dict(zip(names, (*row[:3], "file" if row.is_imported else "records", *row[4:]), strict=True)) for row in rows
    ]


async def _kinds(db: AsyncConnection, tenant_id: TenantId) -> dict[str, str]:
    found = await db.execute(select(a.object_id, a.kind).where(a.tenant_id == tenant_id))
    return {row.object_id: row.kind for row in found}


async def _gone(db: AsyncConnection, tenant_id: TenantId, accounts: Sequence[Account]) -> list[str]:
    imported = await db.scalars(select(a.object_id).where(a.tenant_id == tenant_id, a.is_imported == true()))
    return sorted(set(imported) - {one.object_id for one in accounts})


@cache
def _learning(dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """An account that is known is left as it is, without a lock on its row."""
    given, names = JsonRows(dialect), ("tenant_id", "object_id", "name", "kind")
    columns = [given.column(place, a[name].type) for place, name in enumerate(names)]
    values = select(*columns, false(), literal_column("0"), now(), now()).select_from(given.table).where(true())
    more = ("is_imported", "revision", "changed_at", "applied_at")
    return upsert(voice_apps, dialect).from_select([*names, *more], values).on_conflict_do_nothing()
