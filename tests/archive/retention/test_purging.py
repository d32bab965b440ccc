"""What is older than it may be goes with all it has, in small steps, and does not come back."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from app.archive.daily import count_job
from app.archive.retention import expired_calls
from app.archive.retention.job import Retain
from app.archive.schema import tables
from app.db import lease, metadata
from app.fetch.reconciliation.backfill import Swept, backfill
from app.fetch.saver import Saver
from tests.archive.records import NOW, a_call_record, a_session, guid, kept, rows_of, save
from tests.archive.retention.test_staying_erased import ME, fetch
from tests.some import some

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


def ended(ago, number, *, lasted=timedelta(minutes=5), now=NOW, **changes):
    end = now - ago
    times = {"startDateTime": (end - lasted).isoformat(), "endDateTime": end.isoformat()}
    return a_call_record(id=guid(0x2000 + number), **times | changes)


async def purged(database, age, now=NOW):
    return [dict(deleted) async for deleted in expired_calls.purge(database, now - age)]


async def ids(database):
    return {row["call_id"] for row in await rows_of(database, tables.call_records)}


async def rows(database):
    async with database.reading() as db:
        return {t.name: await db.scalar(select(func.count()).select_from(t)) for t in metadata.sorted_tables}


async def test_calls_go_by_their_end_with_everything_they_have(database):
    await save(database, ended(41 * DAY, 1), ended(40 * DAY - DAY / 2, 2, lasted=DAY), ended(DAY, 3))
    deleted, *_ = await purged(database, 40 * DAY)
    assert await ids(database) == {guid(0x2002), guid(0x2003)}
    assert (deleted["call_records"], deleted["streams"], deleted["documents"]) == (1, 1, 1)


async def test_nothing_is_left_in_any_table_when_every_call_has_gone(database):
    await save(database, ended(50 * DAY, 1), ended(60 * DAY, 2))
    await save(database, ended(50 * DAY, 1, version=2))
    await purged(database, 40 * DAY)
    await count_job.settle(database, holder="test")
    left = await rows(database)
    del left["department_days"]  # numbers of days, which are to be counted again
    assert not any(some(left.values()))


async def test_people_of_other_calls_stay_in_the_index(database):
    record = ended(50 * DAY, 1)
    await save(database, record, ended(DAY, 2, participants_v2=record["participants_v2"]))
    await purged(database, 40 * DAY)
    assert (await rows(database))["people"] >= 2


async def test_twice_deletes_nothing_the_second_time(database):
    await save(database, ended(50 * DAY, 1))
    await purged(database, 40 * DAY)
    assert await purged(database, 40 * DAY) == []


async def test_a_call_without_a_known_time_is_as_old_as_our_knowledge_of_it(database):
    nowhen = {"startDateTime": "0001-01-01T00:00:00Z", "endDateTime": "0001-01-01T00:00:00Z"}
    record = a_call_record(**nowhen)
    await save(database, kept(record, now=NOW))
    assert not expired_calls.is_over(kept(record, now=NOW), 40 * DAY, NOW)
    assert await purged(database, 40 * DAY) == []
    assert await purged(database, 40 * DAY, now=NOW + 41 * DAY)


async def test_a_transaction_is_bounded_by_calls_and_by_streams(database, monkeypatch):
    for bound in ("CALLS", "FEWEST", "MOST"):
        monkeypatch.setattr(expired_calls, bound, 2)
    monkeypatch.setattr(expired_calls, "STREAMS", 3)
    monkeypatch.setattr(expired_calls, "PAUSE", 0)
    big = [a_session() for _ in range(5)]
    await save(database, ended(52 * DAY, 1, sessions=big), *(ended(50 * DAY, number) for number in (2, 3, 4)))
    assert [deleted["call_records"] for deleted in await purged(database, 40 * DAY) if "call_records" in deleted] == [
        1,
        2,
        1,
    ]


async def test_the_count_is_what_a_purge_deletes(database):
    await save(database, *(ended(number * 10 * DAY, number) for number in (1, 5, 6)))
    async with database.reading() as db:
        assert await expired_calls.count(db, NOW - 40 * DAY) == 2


async def test_retention_does_it_by_itself_and_only_one_process_at_a_time(database):
    now = datetime.now(UTC)
    await save(database, ended(50 * DAY, 1, now=now), ended(DAY, 2, now=now))
    retain = Retain(database, 40 * DAY, holder="one")
    async with lease.hold(database, "retention", "another"):
        assert not await retain.once()
    assert (await retain.once())["call_records"] == 1
    assert await ids(database) == {guid(0x2002)}


async def test_without_retention_all_is_kept(database):
    await save(database, ended(5000 * DAY, 1))
    assert not await Retain(database, None, holder="one").once()


async def test_a_notified_call_that_is_too_old_leaves_the_inbox_and_is_not_stored(database):
    now = datetime.now(UTC)
    saver = Saver(database, ME, retention=7 * DAY)
    await fetch(database, ended(8 * DAY, 1, now=now, sessions=[]), ended(6 * DAY, 2, now=now), saver=saver)
    assert await ids(database) == {guid(0x2002)}
    assert (await rows(database))["inbox"] == 0


async def test_a_sweep_passes_over_what_would_be_deleted_again(database, graph):
    await graph.world.make_calls(count=3)
    since = datetime.now(UTC) - 30 * DAY
    sweep = partial(backfill, database, graph.client, graph.tenant_id, since)
    assert await sweep(retention=timedelta(0)) == Swept(listed=3, queued=0)
    assert await sweep(retention=7 * DAY) == Swept(listed=3, queued=3)


def test_what_a_list_tells_no_time_of_is_not_too_old():
    assert expired_calls.aged_from(None, None, NOW) == NOW
    assert expired_calls.aged_from(None, NOW - DAY, NOW) == NOW - DAY


@pytest.mark.parametrize(
    ("calls", "seconds", "most"), [(50, 0.04, 100), (50, 0.0, 100), (800, 0.02, 1000), (200, 0.2, 80), (60, 5.0, 50)]
)
def test_a_transaction_deletes_fewer_calls_after_one_that_took_long(calls, seconds, most):
    assert expired_calls.next_size(calls, seconds) == most
