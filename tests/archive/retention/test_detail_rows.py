"""Archived calls follow DETAIL_ROWS in the background: rows are removed, or written again from the documents."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select, update

from app.archive.detail import changes
from app.archive.retention import detail_rows
from app.archive.retention.detail_job import LEASE, REST, REST_BEHIND, DetailRowsJob
from app.archive.schema.tables import call_records, documents
from app.db import lease
from app.settings.units import ALL_DETAIL, NO_DETAIL, DetailRows
from tests.archive.detail.answers import answers, remove_rows, row_counts, set_detail, write_rows
from tests.archive.records import a_call_record, guid, rows_of, save

pytestmark = pytest.mark.anyio

MONTH = DetailRows(timedelta(days=30))


def a_call(number, *, days_ago, **changes):
    begun = datetime.now(UTC) - timedelta(days=days_ago)
    times = {"startDateTime": begun.isoformat(), "endDateTime": (begun + timedelta(minutes=5)).isoformat()}
    return a_call_record(id=guid(number), **times | changes)


async def with_rows(database):
    """The ids of calls that are marked as having rows, which must be those that have some."""
    async with database.reading() as db:
        marked = set(await db.scalars(select(call_records.c.key).where(call_records.c.has_detail)))
    there = {row["call_key"] for table in detail_rows.DETAIL for row in await rows_of(database, table)}
    assert there == marked
    return {row["call_id"] for row in await rows_of(database, call_records) if row["key"] in marked}


async def progress(database):
    async with database.reading() as db:
        return await changes.read(db)


async def test_an_age_removes_the_rows_of_older_calls_and_a_longer_one_writes_them_again(database):
    await save(database, *[a_call(number, days_ago=10 * number) for number in range(1, 6)])
    assert await set_detail(database, MONTH) == 3
    assert await with_rows(database) == {guid(1), guid(2)}
    assert await set_detail(database, DetailRows(timedelta(days=45))) == 2
    assert await with_rows(database) == {guid(1), guid(2), guid(3), guid(4)}
    assert await set_detail(database, DetailRows(timedelta(days=45))) == 0


async def test_a_run_that_broke_off_continues_and_its_progress_is_counted(database, monkeypatch):
    monkeypatch.setattr(detail_rows, "CALLS", 2)
    await save(database, *[a_call(number, days_ago=number) for number in range(1, 6)])
    now = datetime.now(UTC)
    async with database.begin() as db:
        await changes.begin(db, "none", 5, now)
    async for changed in detail_rows.follow(database, NO_DETAIL, now):
        assert changed.removed == 2
        break
    before = await progress(database)
    assert (before.calls, before.changed, before.pending, before.finished_at) == (5, 2, 3, None)
    assert await remove_rows(database) == 3
    after = await progress(database)
    assert (after.setting, after.calls, after.changed, after.pending) == ("none", 5, 5, 0)
    assert after.started_at == before.started_at < after.finished_at


async def test_it_rests_longer_while_many_calls_wait_to_be_collected(database):
    await save(database, *[a_call(number, days_ago=number) for number in range(1, 4)])
    answers, rested, seconds = [False, True], [], count()

    async def is_behind(_):
        return answers.pop(0)

    async def sleep(seconds):
        rested.append(seconds)

    for wanted in (NO_DETAIL, ALL_DETAIL):
        job = DetailRowsJob(
            database, wanted, holder="test", is_behind=is_behind, clock=lambda: next(seconds), sleep=sleep
        )
        assert await job.once() == 3
    assert rested == [REST, REST * REST_BEHIND]


async def test_only_the_process_with_the_lease_works(database):
    await save(database, a_call(1, days_ago=1))
    async with lease.hold(database, LEASE, "another"):
        assert await remove_rows(database) == 0
    assert await with_rows(database) == {guid(1)}


@pytest.mark.parametrize("document", [b"", b"\x28\xb5\x2f\xfd"])
async def test_a_call_without_a_readable_document_keeps_its_rows(database, document):
    await save(database, a_call(1, days_ago=1), a_call(2, days_ago=2))
    bad = next(row["key"] for row in await rows_of(database, call_records) if row["call_id"] == guid(1))
    async with database.begin() as db:
        await db.execute(update(documents).where(documents.c.call_key == bad).values(document=document))
    job = DetailRowsJob(database, NO_DETAIL, holder="test", rest=0)
    assert [await job.once(), await job.once()] == [1, 0]
    assert await with_rows(database) == {guid(1)}
    assert (await progress(database)).pending == 0


async def test_rows_stay_while_calls_wait_to_be_derived_again(database):
    await save(database, a_call(1, days_ago=1), a_call(2, days_ago=2))
    async with database.begin() as db:
        await db.execute(update(call_records).where(call_records.c.call_id == guid(1)).values(derivation=None))
    assert await remove_rows(database) == 0
    assert await with_rows(database) == {guid(1), guid(2)}


async def test_a_call_that_is_saved_meanwhile_is_left_out(database, monkeypatch):
    """Between the reading of its document and the transaction that removes its rows."""
    await save(database, a_call(1, days_ago=1))
    unchanged = detail_rows._unchanged

    async def saved_first(db, calls, *, has_detail):
        return await unchanged(db, [call._replace(revision=call.revision - 1) for call in calls], has_detail=has_detail)

    monkeypatch.setattr(detail_rows, "_unchanged", saved_first)
    assert await remove_rows(database) == 0
    assert await with_rows(database) == {guid(1)}


async def test_a_replaced_call_follows_the_setting_of_its_worker(database):
    """A new version leaves neither rows of the old one nor a mark that does not fit."""
    await save(database, a_call(1, days_ago=1))
    await remove_rows(database)
    await save(database, a_call(1, days_ago=1, version=2))
    assert await with_rows(database) == {guid(1)}
    await remove_rows(database)
    assert set((await row_counts(database)).values()) == {0}
    before = await answers(database)
    await write_rows(database)
    assert await answers(database) == before


def test_which_calls_have_rows_depends_on_when_they_began():
    now = datetime(2026, 3, 1, tzinfo=UTC)
    young, old = now - timedelta(days=29), now - timedelta(days=31)
    assert [wanted.include(at, now) for wanted in (ALL_DETAIL, NO_DETAIL, MONTH) for at in (young, old)] == [
        *(True, True),
        *(False, False),
        *(True, False),
    ]
