"""Archived calls are judged again by another rule set, as often as it takes, and the daily counts follow."""

from datetime import UTC, datetime, timedelta

import pytest

from app.archive.daily import count_job, streams_per_day
from app.archive.erasure.erase_person import erase
from app.archive.parse.quality_rules import RULE_SETS
from app.archive.parse.record import RecordBuilder
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema import tables
from app.archive.upgrade import derive_call, reclassifications, reclassify
from app.archive.upgrade.reclassify import Reclassify
from app.db import lease
from tests.archive.records import (
    NOW,
    TENANT,
    a_call_record,
    a_media,
    a_segment,
    a_session,
    a_stream,
    guid,
    rows_of,
    save,
)

pytestmark = pytest.mark.anyio

DAYS = Filters(since=datetime(2026, 2, 25, tzinfo=UTC), until=datetime(2026, 2, 27, tzinfo=UTC))


def a_call(number, *, day=25, **changes):
    """A stream of screen sharing with 1.5 frames a second: poor by the rules of 2018, good by those of 2024."""
    stream = a_stream(averageVideoFrameRate=1.5)
    session = a_session(segments=[a_segment(media=[a_media(label="applicationsharing-video", streams=[stream])])])
    start = datetime(2026, 2, day, 9, tzinfo=UTC)
    times = {"startDateTime": start.isoformat(), "endDateTime": (start + timedelta(minutes=5)).isoformat()}
    return a_call_record(id=guid(number), sessions=[session], **times) | changes


async def requested(database, rules="cqd-2018", since=None):
    async with database.begin() as db:
        return await reclassifications.add(db, rules, since, NOW)


def job(database, holder="test"):
    return Reclassify(database, holder=holder, rest=0)


async def verdicts(database):
    calls = await rows_of(database, tables.call_records)
    return {row["call_id"]: (row["quality"], row["quality_rules"]) for row in calls}


async def poor_by_day(database):
    await count_job.settle(database, holder="test")
    async with database.reading() as db:
        return [(day.streams, day.judged, day.poor, day.poor_calls) for day in await streams_per_day.by_time(db, DAYS)]


OLD, NEW = ("poor", "cqd-2018"), ("good", "cqd-2024-10")


async def test_all_that_a_verdict_reaches_follows_it(database):
    await save(database, a_call(1), a_call(2, day=26))
    assert await poor_by_day(database) == [(1, 1, 0, 0), (1, 1, 0, 0)]
    await requested(database)
    assert await job(database).once() == 2
    assert await verdicts(database) == {guid(1): OLD, guid(2): OLD}
    for table in (tables.sessions, tables.segments, tables.media, tables.streams):
        assert [row["quality"] for row in await rows_of(database, table)] == ["poor", "poor"]
    assert {row["poor_due_to"] for row in await rows_of(database, tables.streams)} == {"averageVideoFrameRate"}
    assert await poor_by_day(database) == [(1, 1, 1, 1), (1, 1, 1, 1)]
    async with database.reading() as db:
        assert len((await stored_calls.calls(db, Filters(quality="poor"))).items) == 2


async def test_and_back_again(database):
    await save(database, a_call(1))
    await requested(database)
    await job(database).once()
    await requested(database, "cqd-2024-10")
    assert await job(database).once() == 1
    assert await verdicts(database) == {guid(1): NEW}
    assert await poor_by_day(database) == [(1, 1, 0, 0), (0, 0, 0, 0)]


async def test_a_finished_request_is_not_done_again(database):
    await save(database, a_call(1))
    await requested(database)
    assert await job(database).once() == 1
    await save(database, a_call(2))
    assert await job(database).once() is None
    assert await verdicts(database) == {guid(1): OLD, guid(2): NEW}


async def test_without_a_request_there_is_nothing_to_do(database):
    await save(database, a_call(1))
    assert await job(database).once() is None
    assert await verdicts(database) == {guid(1): NEW}


async def test_only_calls_that_began_since_are_judged_again(database):
    await save(database, a_call(1), a_call(2, day=26))
    await requested(database, since=datetime(2026, 2, 26, tzinfo=UTC))
    assert await job(database).once() == 1
    assert await verdicts(database) == {guid(1): NEW, guid(2): OLD}


async def test_calls_of_an_older_version_of_callkeeper_have_no_rule_set_and_are_judged(database):
    await save(database, a_call(1))
    async with database.begin() as db:
        await db.execute(tables.call_records.update().values(quality_rules=None, quality="poor"))
    await requested(database, "cqd-2024-10")
    assert await job(database).once() == 1
    assert await verdicts(database) == {guid(1): NEW}


class StoppedError(Exception):
    """As a killed process: nothing after it runs."""


async def test_work_that_was_broken_off_is_continued_where_it_was(database, monkeypatch):
    monkeypatch.setattr(reclassify, "SOME", 2)
    await save(database, *[a_call(number) for number in range(1, 6)])
    await requested(database)

    def stop(done):
        if done == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        await job(database).once(stop)
    assert sorted(verdict for verdict in (await verdicts(database)).values()) == [NEW] * 2 + [OLD] * 3
    assert await job(database, "another").once() == 2
    assert set((await verdicts(database)).values()) == {OLD}


async def test_one_process_at_a_time(database):
    await save(database, a_call(1))
    await requested(database)
    async with lease.hold(database, reclassify.LEASE, "another"):
        assert await job(database).once() is None
    assert await job(database).once() == 1


async def test_a_later_request_takes_the_place_of_one_that_is_not_finished(database, monkeypatch):
    monkeypatch.setattr(reclassify, "SOME", 1)
    await save(database, a_call(1), a_call(2))
    await requested(database)
    another = []

    async def anew(*arguments, **more):
        if not another:
            another.append(await requested(database, "call-record-insights"))
        return await derive_call.anew(*arguments, **more)

    monkeypatch.setattr(reclassify, "anew", anew)
    assert await job(database).once() == 1
    assert await job(database).once() == 2
    assert {rules for _, rules in (await verdicts(database)).values()} == {"call-record-insights"}


async def test_a_call_whose_document_is_lost_does_not_keep_the_request_open(database):
    await save(database, a_call(1), a_call(2))
    async with database.begin() as db:
        (first, _) = await rows_of(database, tables.call_records)
        await db.execute(tables.documents.delete().where(tables.documents.c.call_key == first["key"]))
    await requested(database)
    assert await job(database).once() == 1
    assert await verdicts(database) == {guid(1): NEW, guid(2): OLD}
    assert await job(database).once() is None


async def test_erasing_a_person_keeps_the_rule_set_of_the_call(database):
    await save(database, a_call(1))
    await requested(database)
    await job(database).once()
    assert (await erase(database, "ada@contoso.com")).calls == 1
    assert await verdicts(database) == {guid(1): OLD}


async def test_a_record_that_was_read_by_another_rule_set_says_so(database):
    builder = RecordBuilder(TENANT, guid(1), RULE_SETS["cqd-2018"])
    builder.begin(a_call(1))
    await save(database, builder.finish(NOW))
    assert await verdicts(database) == {guid(1): OLD}
    async with database.reading() as db:
        (item,) = (await stored_calls.calls(db)).items
        assert item["quality_rules"] == "cqd-2018"
        assert (await stored_calls.call(db, guid(1)))["quality_rules"] == "cqd-2018"
