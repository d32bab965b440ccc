"""The lists that calls are matched with now: read from the database, and again only after a change."""

from collections.abc import Sequence
from datetime import date
from ipaddress import ip_network
from typing import Any

from sqlalchemy import Dialect, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.site_tables import access_point_names, egress_ranges, site_changes, site_files, site_networks
from app.archive.sites.addresses import Network
from app.archive.sites.matching import Row
from app.archive.sites.site_map import NOTHING, Dated, File, Period, SiteMap
from app.db import direct
from app.db.direct import Selecting, Steps

files, networks = site_files.c, site_networks.c
_newest_change = select(func.max(site_changes.c.key))


class CurrentSites:
    """``await current.read(db)`` in the transaction that saves: one statement where nothing changed."""

    def __init__(self) -> None:
        self.known = NOTHING
        """As they were last read."""

    @staticmethod
    async def revision(db: AsyncConnection) -> int:
        """It grows with each change of a list."""
        return await db.scalar(_newest_change) or 0

    async def read(self, db: AsyncConnection) -> SiteMap:
        revision = await self.revision(db)
        if revision != self.known.revision:
            self.known = await _read(db, revision)
        return self.known


def counting(dialect: Dialect) -> Steps[int]:
    """The revision, as a step of the transaction that saves."""
    statement = direct.compiled(_newest_change, dialect)
    [(found,)] = yield Selecting(statement, direct.bound(statement, {}))
    return found or 0


async def _read(db: AsyncConnection, revision: int) -> SiteMap:
    wanted = select(files.key, files.kind, files.valid_from, files.valid_to).where(files.removed_at.is_(None))
    found = (await db.execute(wanted.order_by(files.key.desc()))).all()
    buildings = [row for row in found if row.kind == "buildings"]
    return SiteMap(
        revision,
        [File(period(row.valid_from, row.valid_to), await _rows(db, row.key)) for row in buildings],
        await _egress(db, _newest(found, "egress")),
        await _names(db, _newest(found, "access_points")),
    )


def _newest(found: Sequence[Any], kind: str) -> int | None:
    """The key of the list of this kind that was imported last."""
    return next((row.key for row in found if row.kind == kind), None)


async def _rows(db: AsyncConnection, file_key: int) -> list[Dated]:
    wanted = select(
        *(networks.key, networks.network, networks.network_name, networks.site, networks.inside, networks.vpn),
        *(networks.valid_from, networks.valid_to),
    )
    found = await db.execute(wanted.where(networks.file_key == file_key).order_by(networks.key))
    return [
        Dated(period(*days), Row(key, ip_network(network), name, site, inside, vpn))
        for key, network, name, site, inside, vpn, *days in found
    ]


async def _egress(db: AsyncConnection, file_key: int | None) -> list[tuple[Network, str]]:
    wanted = select(egress_ranges.c.network, egress_ranges.c.site).where(egress_ranges.c.file_key == file_key)
    return [(ip_network(network), site) for network, site in await db.execute(wanted)]


async def _names(db: AsyncConnection, file_key: int | None) -> dict[str, str]:
    names = access_point_names.c
    return {
        row.bssid: row.name
        for row in await db.execute(select(names.bssid, names.name).where(names.file_key == file_key))
    }


def period(first: str | None, last: str | None) -> Period:
    return Period(date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)
