"""Rows of calls that are older than RETENTION are deleted, with their earlier contents; so are joins with deleted calls."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.archive.call_logs import store
from app.archive.retention import expired_calls, expired_log_rows
from app.archive.retention.job import Retain
from app.archive.schema.call_log_tables import call_log_row_versions, call_log_rows
from app.archive.schema.tables import call_records
from tests.archive.call_logs.log_rows import CALL, NOW, TENANT, direct_routing, pstn
from tests.archive.records import a_call_record, kept, save

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def put(database, *rows):
    async with database.begin() as db:
        for row in rows:
            await store.put(db, [row], NOW)


def ended(number, ago):
    at = datetime.now(UTC) - ago
    return pstn(id=f"row-{number}", startDateTime=(at - DAY / 24).isoformat(), endDateTime=at.isoformat())


async def left(database, table=call_log_rows, column="row_id"):
    async with database.reading() as db:
        return sorted((await db.execute(select(table.c[column]))).scalars())


async def test_rows_go_by_the_end_of_their_calls_with_their_earlier_contents(database):
    old, crossing, young = ended(1, 41 * DAY), ended(2, 40 * DAY - timedelta(minutes=30)), ended(3, DAY)
    await put(database, old, young, crossing, direct_routing(startDateTime=None, inviteDateTime=None, endDateTime=None))
    await put(database, old._replace(columns=old.columns | {"content_hash": b"other"}))
    async with database.reading() as db:
        assert await expired_log_rows.count(db, datetime.now(UTC) - 40 * DAY) == 2
    deleted = await Retain(database, 40 * DAY, holder="here").once()
    assert deleted == {"call_log_rows": 2, "call_log_row_versions": 1}
    assert await left(database) == ["row-2", "row-3"]
    assert await left(database, call_log_row_versions, "row_key") == []


async def test_a_row_stays_without_a_call_when_its_call_is_deleted(database):
    await save(database, kept(a_call_record(id=CALL), tenant=TENANT))
    await put(database, direct_routing())
    async with database.begin() as db:
        key = await db.scalar(select(call_records.c.key))
        await db.execute(update(call_log_rows).values(call_key=key, join_method="id"))
    async for _ in expired_calls.purge(database, datetime.now(UTC)):
        pass
    async with database.reading() as db:
        assert (await db.execute(select(call_log_rows.c.call_key, call_log_rows.c.join_method))).all() == [(None, None)]
