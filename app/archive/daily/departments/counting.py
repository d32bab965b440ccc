"""Counts the calls of each department from the calls themselves, of at most some days.

A call counts once in each department that one of its people was in on that day, and under the empty text where none was
in any.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.queries import members
from app.archive.queries.filters import Filters
from app.archive.queries.members import Membership
from app.archive.queries.stats import NUMBERS, Counts, begin
from app.archive.schema.periods import hour_of
from app.archive.schema.tables import call_people, call_records

FEW = 500  # people of whom the departments are read one by one

Key = tuple[int, str, str]
"""hour from 1970 on, tenant_id, department"""

DAY = timedelta(days=1)

c, i = call_records.c, call_people.c


async def counted(db: AsyncConnection, filters: Filters) -> dict[Key, Counts]:
    """Day by day: a database would read the entries of all calls there are, or use memory for those of a quarter."""
    assert filters.since is not None
    assert filters.until is not None
    found: dict[Key, Counts] = {}
    for since, until in _days(filters.since, filters.until):
        within = replace(filters, since=since, until=until)
        departments = await _departments(db, within)
        wanted = select(c.key, c.tenant_id, c.ordered_at, *NUMBERS).where(*within.conditions())
        for key, tenant_id, at, *numbers in await db.execute(wanted):
            counts = Counts(*numbers)
            for department in departments.get(key, ("",)):
                found.setdefault((hour_of(at), tenant_id, department), Counts()).add(counts)
    return found


def _days(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    start = begin(since, "day")
    while start < until:
        yield max(start, since), min(start + DAY, until)
        start += DAY


async def _departments(db: AsyncConnection, filters: Filters) -> dict[int, set[str]]:
    """Of each call, on its day."""
    # IN, because SQLite would begin a join with all entries there are.
    calls = select(c.key).where(*filters.conditions())
    entries = (await db.execute(select(i.call_key, i.person_key, i.at).where(i.call_key.in_(calls)))).all()
    memberships = await _memberships(db, {person for _, person, _ in entries})
    found: dict[int, set[str]] = {}
    for key, person, at in entries:
        for one in memberships.get(person, ()):
            if one.valid_from <= at < one.valid_until:
                found.setdefault(key, set()).add(one.department)
    return found


async def _memberships(db: AsyncConnection, people: Collection[int]) -> dict[int, list[Membership]]:
    return await members.by_key(db, people if len(people) <= FEW else None)
