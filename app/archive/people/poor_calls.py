"""The diagnoses of one person's newest poor calls, from the rows of the sessions in which the person was."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.diagnosis import reading
from app.archive.diagnosis.diagnose import Entry, diagnose
from app.archive.parse.identities import identifiers
from app.archive.people import endpoints
from app.archive.people.own_ends import Known
from app.archive.schema.tables import call_records

MOST = 50  # calls: more of them show nothing else, and take longer


async def diagnoses(db: AsyncConnection, keys: Sequence[int], known: Known) -> list[Entry]:
    """Of the person's ends in the calls with these keys, the newest of which come first; at most ``MOST`` are read."""
    newest = keys[:MOST]
    if not newest:
        return []
    places = await endpoints.places(db, newest, known)
    sessions = await reading.some_sessions(db, places)
    wanted = select(call_records.c.key, call_records.c.quality_rules).where(call_records.c.key.in_(newest))
    rules = {row.key: row.quality_rules for row in await db.execute(wanted)}
    mine = {identifiers.normal(text) for text in (*known.ids, *known.principal_names)}
    entries = (_mine(diagnose({"sessions": sessions[key], "quality_rules": rules.get(key)}), mine) for key in sessions)
    return [entry for entry in entries if entry is not None]


def _mine(entries: Collection[Entry], mine: set[str]) -> Entry | None:
    return next((one for one in entries if one.person.key in mine), None)
