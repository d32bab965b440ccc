"""The audit: durable when `add` returns, newest first, and nobody's read is lost."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.access import audit, keys
from app.access.audit import Audit, Entry
from app.access.tables import audit as table

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALL = "00000000-0000-4000-8000-000000000001"


def an_entry(**changes):
    entry = Entry(NOW, "reports", "read", None, "GET", "/api/calls/{call_id}", CALL, ("tenant",), 200, None)
    return entry._replace(**changes)


async def read(database, **filters):
    async with database.reading() as db:
        return await audit.read(db, **filters)


async def test_an_entry_is_there_once_add_has_returned(database):
    async with Audit(database) as audit:
        await audit.add(an_entry(tenants=("t",), answered=3))
        (row,) = await read(database)
    del row["id"]
    assert Entry(**row)._replace(tenants=("t",), parameters=("tenant",)) == an_entry(tenants=("t",), answered=3)


async def test_entries_of_one_moment_are_written_together_and_none_is_lost(database):
    async with Audit(database) as audit:
        await asyncio.gather(*(audit.add(an_entry(answered=number)) for number in range(300)))
    assert sorted(row["answered"] for row in await read(database, limit=1000)) == list(range(300))


async def test_a_pages_end_is_the_next_ones_beginning_even_within_one_moment(database):
    entries = [an_entry(answered=number, at=NOW + timedelta(seconds=number // 3)) for number in range(10)]
    async with database.begin() as db:
        await audit.write(db, entries)
    seen, after = [], None
    while page := await read(database, after=after, limit=4):
        seen += [row["answered"] for row in page]
        after = page[-1]["at"], page[-1]["id"]
    assert seen == list(reversed(range(10)))


COMBINED = [
    ({"who": "ops"}, 1),
    ({"who": "nobody"}, 0),
    ({"call_id": CALL}, 2),
    ({"since": NOW + timedelta(hours=1)}, 1),
    ({"until": NOW + timedelta(hours=1)}, 2),
    ({"who": "reports", "call_id": CALL, "since": NOW, "until": NOW + timedelta(days=1)}, 2),
]


async def test_filters_combine(database, subtests):
    async with database.begin() as db:
        later = NOW + timedelta(hours=1)
        await audit.write(db, [an_entry(), an_entry(at=later), an_entry(who="ops", call_id=None)])
    for filters, count in COMBINED:
        with subtests.test(filters=filters, count=count):
            assert len(await read(database, **filters)) == count


async def test_a_read_marks_its_key_as_used_and_not_again_within_a_minute(database, monkeypatch):
    async with database.begin() as db:
        await keys.create(db, "reports", "read", None, NOW)
    noted = []
    real = keys.mark_used

    async def used(db, names, now):
        noted.extend(names)
        await real(db, names, now)

    monkeypatch.setattr(keys, "mark_used", used)
    async with Audit(database) as audit:
        for _ in range(5):
            await audit.add(an_entry())
    async with database.reading() as db:
        assert (await keys.list_keys(db))[0]["last_used_at"] == NOW
    assert noted == ["reports"]


async def test_one_who_goes_away_leaves_the_others_entries_whole(database):
    async with Audit(database) as audit:
        gone = asyncio.create_task(audit.add(an_entry(who="gone")))
        await asyncio.sleep(0)
        gone.cancel()
        await audit.add(an_entry())
    async with database.reading() as db:
        assert await db.scalar(select(func.count()).where(table.c.who == "reports")) == 1
