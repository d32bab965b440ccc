"""Stores and removes lists, and notes of which days calls must be matched again. Nothing here commits."""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.site_tables import access_point_names, egress_ranges, site_changes, site_files, site_networks
from app.archive.sites.files.address_lists import AccessPoint, Egress
from app.archive.sites.files.building_file import Building
from app.archive.sites.site_map import Period

CHUNK = 500  # rows in one statement

EVER = Period()

files = site_files.c


class Imported(NamedTuple):
    """``is_new`` is False where the newest list of the kind had the same rows and period already."""

    key: int
    is_new: bool


async def add_buildings(db: AsyncConnection, rows: Sequence[Building], period: Period, now: datetime) -> Imported:
    """The key of the file, which is active on the days of its period from now on."""
    values = [_building(row) for row in rows]
    return await _add(db, "buildings", site_networks, values, period, now)


async def add_egress(db: AsyncConnection, rows: Sequence[Egress], now: datetime) -> Imported:
    """The list replaces the one before."""
    values = [{"network": str(row.network), "site": row.site} for row in rows]
    return await _add(db, "egress", egress_ranges, values, EVER, now)


async def add_access_points(db: AsyncConnection, rows: Sequence[AccessPoint], now: datetime) -> Imported:
    """The list replaces the one before."""
    values = [{"bssid": row.bssid, "name": row.name} for row in rows]
    return await _add(db, "access_points", access_point_names, values, EVER, now)


async def remove(db: AsyncConnection, key: int, now: datetime) -> bool:
    """Calls are matched with the list no more; False where there is no such list."""
    mine = (files.key == key) & files.removed_at.is_(None)
    removed = update(site_files).where(mine).values(removed_at=now).returning(files.valid_from, files.valid_to)
    found = (await db.execute(removed)).first()
    if found is not None:
        await _note(db, found.valid_from, found.valid_to, now)
    return found is not None


async def listed(db: AsyncConnection, kind: str | None = None) -> list[dict[str, Any]]:
    """The lists that are used, the one that was imported last first."""
    shown = ("key", "kind", "imported_at", "valid_from", "valid_to", "row_count", "sha256")
    wanted = select(*(files[name] for name in shown)).where(files.removed_at.is_(None)).order_by(files.key.desc())
    wanted = wanted if kind is None else wanted.where(files.kind == kind)
    return [dict(row) for row in (await db.execute(wanted)).mappings()]


async def _add(
    db: AsyncConnection, kind: str, table: Table, rows: Sequence[dict[str, Any]], period: Period, now: datetime
) -> Imported:
    first, last = _text(period.first), _text(period.last)
    digest = sha256(orjson.dumps(rows)).hexdigest()
    values = {"kind": kind, "valid_from": first, "valid_to": last, "row_count": len(rows), "sha256": digest}
    newest = (await listed(db, kind))[:1]
    if newest and all(newest[0][name] == value for name, value in values.items()):
        return Imported(newest[0]["key"], is_new=False)
    key: int | None = await db.scalar(insert(site_files).values(values | {"imported_at": now}).returning(files.key))
    assert key is not None
    for start in range(0, len(rows), CHUNK):
        await db.execute(insert(table).inline(), [row | {"file_key": key} for row in rows[start : start + CHUNK]])
    await _note(db, first, last, now)
    return Imported(key, is_new=True)


async def _note(db: AsyncConnection, first: str | None, last: str | None, now: datetime) -> None:
    await db.execute(insert(site_changes).values(changed_at=now, valid_from=first, valid_to=last))


def _building(row: Building) -> dict[str, Any]:
    same = {str(column.name): getattr(row, column.name) for column in site_networks.c if hasattr(row, column.name)}
    return same | {
        "network": str(row.network),
        "valid_from": _text(row.valid_from),
        "valid_to": _text(row.valid_to),
    }


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
