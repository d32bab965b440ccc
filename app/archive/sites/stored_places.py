"""Matches records with the sites of now before they are saved.

The record of a call whose addresses were removed cannot be matched again: it gets what was found before.
"""

import asyncio
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.record import ParsedRecord
from app.archive.schema.site_tables import endpoint_sites
from app.archive.schema.tables import call_records
from app.archive.sites.current_sites import CurrentSites
from app.archive.sites.located import Stored
from app.archive.sites.located import located as with_sites
from app.archive.sites.matching import Match
from app.archive.sites.site_map import SiteMap

MANY = 1_000  # media of a record that would block the event loop

rows = endpoint_sites.c


async def located(db: AsyncConnection, records: Sequence[ParsedRecord], current: CurrentSites) -> list[ParsedRecord]:
    """In the same order; the records that were given stay as they are."""
    sites, found = await current.read(db), list[ParsedRecord]()
    for record in records:
        stored = await _stored(db, record) if record.row["addresses_removed_at"] else None
        found.append(await with_places(record, sites, stored))
    return found


async def with_places(record: ParsedRecord, sites: SiteMap, stored: Stored | None = None) -> ParsedRecord:
    """A large one in a thread."""
    if len(record.children["media"]) > MANY:
        return await asyncio.to_thread(with_sites, record, sites, stored)
    return with_sites(record, sites, stored)


async def _stored(db: AsyncConnection, record: ParsedRecord) -> Stored:
    """By the places of the ends in the call's record."""
    mine = (call_records.c.call_id == record.call_id) & (call_records.c.tenant_id == record.tenant_id)
    places = (rows.session_position, rows.segment_position, rows.media_position, rows.side)
    match = (rows.network_key, rows.site, rows.network_name, rows.inside, rows.vpn, rows.method)
    wanted = select(*places, *match, rows.access_point).join(call_records, call_records.c.key == rows.call_key)
    found = await db.execute(wanted.where(mine))
    return {
        tuple(row[:4]): (
            Match(row[4], row[5] or "", row[6] or "", *row[7:10]) if row.method else None,
            row.access_point,
        )
        for row in found
    }
