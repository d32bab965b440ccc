"""The counts of hours and days are what the archive's calls add up to, whatever is saved, replaced, removed and erased."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import delete, func, insert, select, update

from app.archive.daily import calls_over_time, count_job, fold, older_counts, proof, streams_per_day
from app.archive.daily.count_job import CountJob
from app.archive.erasure.erase_person import erase
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.retention import expired_calls
from app.archive.retention.delete_calls import delete_calls
from app.archive.schema.count_tables import (
    MEASURES,
    call_counts,
    count_changes,
    counted_values,
    counts_of_hours,
    day_counts,
    hour_counts,
)
from app.archive.schema.daily_tables import call_tallies, day_tallies
from app.archive.schema.dimensions import DIMENSIONS, FILTERED
from app.archive.schema.periods import day_of_hour
from app.archive.schema.tables import call_records
from app.db import lease
from app.runtime import schedule
from app.simulator.records import a_call_record as an_invented_record
from tests.archive.records import TENANT, a_call_record, a_media, a_segment, a_session, guid, kept, rows_of, save
from tests.archive.retention.archived_calls import DOE, everywhere
from tests.some import some

pytestmark = pytest.mark.anyio

FIRST = datetime(2026, 2, 1, 22, tzinfo=UTC)
OTHER = guid(0xB)


def an_archive():
    """Invented calls, three hours apart: some poor, some failed, some large, of two tenants."""
    shapes = [
        {"poor": True},
        {"type": "groupCall", "participants": 5, "video": True},
        {"failed": True},
        {"pstn": True, "poor": True},
        {"type": "groupCall", "participants": 3, "sharing": True, "poor": True},
        {"no_sessions": True},
        {"shape": "beta"},
    ]
    for number in range(21):
        start = FIRST + number * timedelta(hours=3)
        record = an_invented_record(id=guid(number + 1), seed=number, start=start, **shapes[number % len(shapes)])
        yield kept(record, tenant=OTHER if number % 4 == 0 else TENANT)


def a_call_with(device, *, call_id=None, day="2026-02-25", **changes):
    media = a_media(callerDevice={"captureDeviceName": device})
    times = {"startDateTime": f"{day}T12:00:00Z", "endDateTime": f"{day}T12:10:00Z"}
    sessions = [a_session(segments=[a_segment(media=[media])])]
    return a_call_record(id=call_id or guid(), sessions=sessions, **times, **changes)


async def settled(database):
    await count_job.settle(database, holder="test")


async def over(database, dimension, **filters):
    async with database.reading() as db:
        return {one.value: one for one in await streams_per_day.over(db, Filters(**filters), dimension)}


async def devices(database, **filters):
    return {value: one.calls for value, one in (await over(database, "device", **filters)).items()}


async def found(database, **filters):
    async with database.reading() as db:
        return len((await stored_calls.calls(db, Filters(**filters), limit=200)).items)


RANGES = [{}, {"since": FIRST + timedelta(days=1), "until": FIRST + timedelta(days=2)}, {"tenants": [OTHER]}]


@pytest.mark.slow
@pytest.mark.parametrize("within", RANGES)
async def test_a_count_is_the_number_of_calls_that_its_filter_finds(database, within):
    await save(database, *an_archive())
    await settled(database)
    asked = streams_per_day.whole_days(Filters(**within))
    shown = {name: value for name in ("since", "until", "tenants") if (value := getattr(asked, name)) is not None}
    seen = 0
    for dimension in FILTERED:
        for value, one in some((await over(database, dimension, **within)).items()):
            assert one.calls == await found(database, **shown, **{dimension: value}), (dimension, value)
            assert one.poor_calls == await found(database, **shown, **{dimension: value}, quality="poor")
            seen += one.poor_calls
    assert seen


async def test_the_worst_values_come_first_each_with_its_counts_in_the_range_before(database):
    await save(database, *an_archive())
    await settled(database)
    within = Filters(since=FIRST + timedelta(days=1), until=FIRST + timedelta(days=2))
    async with database.reading() as db:
        worst = await streams_per_day.worst(db, within, "device")
        first = await streams_per_day.worst(db, within, "device", most=1)
    now = await over(database, "device", since=within.since, until=within.until)
    earlier = streams_per_day.before(within)
    assert (earlier.until - earlier.since).days == 2  # as many complete days as the range has
    before = await over(database, "device", since=earlier.since, until=earlier.until)
    for one in some(worst):
        assert (one.poor, one.judged, one.calls) == (now[one.value].poor, now[one.value].judged, now[one.value].calls)
        assert one.before.calls == (before[one.value].calls if one.value in before else 0)
    assert len(worst) == len(now)
    likely = [one.poor / (one.judged + streams_per_day.FEW) for one in worst]
    assert likely == sorted(likely, reverse=True)
    assert first == worst[:1]
    assert any(one.before.calls for one in worst)


@pytest.mark.parametrize(
    "name", ['a"x', "x", "X", 'y","x', "[", "%", "_", "\\", "a,b", "\u202eabc", "😀" * 300, "nul\0"]
)
async def test_a_hostile_name_is_one_value_that_leads_to_its_own_call(database, name):
    others = ['a"x', "x", "X", 'y","x', "[x", "[", "%%", "_", "\\\\", "\\", "a,b", "%"]
    await save(database, a_call_with(name), *[a_call_with(other) for other in others if other != name])
    await settled(database)
    shown = (await devices(database)).keys() - others | {name} & set(others)
    assert len(shown) == 1
    assert await found(database, device=shown.pop()) == 1


async def test_streams_are_counted_apart_by_tenant_and_day(database):
    await save(database, *an_archive())
    await settled(database)
    tenants = await over(database, "tenant")
    assert {tenant: one.calls for tenant, one in tenants.items()} == {TENANT: 15, OTHER: 6}
    async with database.reading() as db:
        days = await streams_per_day.by_time(db, Filters(tenants=[TENANT]))
        total = await streams_per_day.total(db, Filters(tenants=[TENANT]))
    assert [day.start for day in days] == [datetime(2026, 2, number, tzinfo=UTC) for number in (2, 3, 4)]
    assert sum(day.poor for day in days) == total.poor == tenants[TENANT].poor > 0
    assert total.share == total.poor / total.judged


async def test_every_day_of_the_range_is_there_also_without_a_call(database):
    await save(database, a_call_with("Mic"))
    await settled(database)
    within = Filters(since=datetime(2026, 2, 24, 5, tzinfo=UTC), until=datetime(2026, 2, 26, 1, tzinfo=UTC))
    async with database.reading() as db:
        assert [day.calls for day in await streams_per_day.by_time(db, within)] == [0, 1, 0]
        assert [day.calls for day in await streams_per_day.by_time(db, within, "device", "Mic")] == [0, 1, 0]
        assert [day.calls for day in await streams_per_day.by_time(db, within, "device", "Ear")] == [0, 0, 0]


async def test_saving_twice_counts_once_and_a_new_version_replaces_what_was_counted(database):
    await save(database, a_call_with("Old", call_id=guid(1)))
    await save(database, a_call_with("Old", call_id=guid(1)))
    await settled(database)
    assert await devices(database) == {"Old": 1}
    await save(database, a_call_with("New", call_id=guid(1), version=2))
    await settled(database)
    assert await devices(database) == {"New": 1}


async def test_a_call_that_moves_to_another_day_leaves_the_one_it_was_on(database):
    await save(database, a_call_with("Mic", call_id=guid(1)))
    await settled(database)
    await save(database, a_call_with("Mic", call_id=guid(1), version=2, day="2026-02-20"))
    await settled(database)
    assert {row["day"] for row in await rows_of(database, day_counts)} == {"2026-02-20"}
    assert len({row["hour"] for row in await rows_of(database, hour_counts)}) == 1
    assert await devices(database) == {"Mic": 1}


async def test_what_is_purged_is_not_counted_any_more(database):
    await save(database, a_call_with("Old", day="2026-01-01"), a_call_with("New", day="2026-02-25"))
    await settled(database)
    async for _ in expired_calls.purge(database, datetime(2026, 2, 1, tzinfo=UTC)):
        pass
    await settled(database)
    assert await devices(database) == {"New": 1}


async def test_an_erased_persons_device_is_in_no_count_when_erasing_is_done(database):
    await save(database, everywhere())
    await settled(database)
    assert "John's AirPods" in await devices(database)
    await erase(database, DOE)
    assert "John's AirPods" not in await devices(database)
    assert "John's AirPods" not in str([*await every_count(database), await rows_of(database, counted_values)])
    assert await found(database, device="John's AirPods") == 0


class SavesBeforeEachWrite:
    """A database in which a call is saved after changes were read and before they are added."""

    def __init__(self, database, *records):
        self._database = database
        self._records = list(records)
        self.dialect = database.dialect
        self.reading, self.snapshot = database.reading, database.snapshot

    @asynccontextmanager
    async def begin(self):
        while self._records:
            await save(self._database, self._records.pop())
        async with self._database.begin() as db:
            yield db


async def test_what_is_saved_while_changes_are_added_is_added_next(database):
    await save(database, a_call_with("Early"))
    meanwhile = SavesBeforeEachWrite(database, a_call_with("Late"))
    async with database.reading() as db:
        assert await streams_per_day.uncounted(db, Filters()) == ["2026-02-25"]
    assert await fold.fold(meanwhile) == 2
    assert await devices(database) == {"Early": 1, "Late": 1}
    async with database.reading() as db:
        assert await streams_per_day.uncounted(db, Filters()) == []


async def test_two_processes_that_add_the_same_changes_add_them_once(database):
    await save(database, *(a_call_with("Mic") for _ in range(5)))
    assert sum(await asyncio.gather(fold.fold(database), fold.fold(database))) == 5
    assert await devices(database) == {"Mic": 5}


async def test_several_workers_save_while_days_are_counted_and_nothing_is_missed(database):
    async def save_many(name):
        for _ in range(6):
            await save(database, a_call_with(name), a_call_with(name, day="2026-02-26"))

    counting = asyncio.create_task(schedule.repeat(CountJob(database, holder="one", every=timedelta(milliseconds=5))))
    await asyncio.gather(*map(save_many, "abc"))
    await settled(database)
    counting.cancel()
    assert await devices(database) == {"a": 12, "b": 12, "c": 12}
    assert await rows_of(database, count_changes) == []


async def test_only_who_has_the_lease_counts(database):
    await save(database, a_call_with("Mic"))
    async with lease.hold(database, count_job.LEASE, "another"):
        assert await CountJob(database, holder="one").once() == 0
    assert await CountJob(database, holder="one").once() == 1
    assert await CountJob(database, holder="one").once() == 0


async def test_other_filters_than_days_and_tenants_are_refused(database):
    async with database.reading() as db:
        with pytest.raises(ValueError, match="days and tenants only"):
            await streams_per_day.over(db, Filters(quality="poor"), "device")


async def remove(database, device):
    calls = call_records.c
    async with database.begin() as db:
        keys = (await db.scalars(select(calls.key).where(calls.devices == f'["{device}"]'))).all()
        await delete_calls(db, some(keys))
    await settled(database)


async def every_count(database):
    """All rows of counts, by their keys."""
    of = counts_of_hours.c
    async with database.reading() as db:
        hours = (
            await db.execute(select(counts_of_hours).order_by(of.dimension, of.value, of.hour, of.tenant_id))
        ).all()
    return hours, await rows_of(database, day_counts)


async def test_a_proof_finds_nothing_where_calls_were_saved_replaced_moved_and_purged(database):
    await save(database, *an_archive())
    await save(database, a_call_with("Old", call_id=guid(1), version=9), a_call_with("Mic", day="2026-01-05"))
    await fold.fold(database)
    await save(database, a_call_with("New", call_id=guid(1), version=10, day="2026-02-03"))
    async for _ in expired_calls.purge(database, FIRST - timedelta(days=3)):
        pass
    days = {row["day"] for row in await rows_of(database, day_counts)} | {"2026-02-03"}
    assert [await proof.prove(database, day) for day in some(sorted(days))] == [0] * len(days)
    await settled(database)
    assert [await proof.prove(database, day) for day in sorted(days)] == [0] * len(days)


async def test_a_proof_corrects_what_is_wrong_and_says_how_many_rows_were(database):
    await save(database, *an_archive())
    await settled(database)
    right = await every_count(database)
    of = day_counts.c
    async with database.begin() as db:
        await db.execute(update(hour_counts).where(hour_counts.c.calls > 0).values(calls=17))
        await db.execute(delete(day_counts).where(of.dimension == "platform", of.value == "windows"))
        wrong = {"dimension": "device", "value": "Ghost", "day": "2026-02-03", "tenant_id": TENANT}
        await db.execute(insert(day_counts).values(wrong | dict.fromkeys(MEASURES, 3)))
    assert await every_count(database) != right
    meanwhile = SavesBeforeEachWrite(database, a_call_with("Late", day="2026-02-03"))
    async with database.reading() as db:
        assert await proof.next_day(db) == "2026-02-04"
    assert await proof.prove(meanwhile, "2026-02-03") > 2
    assert min([await proof.prove(database, day) for day in ("2026-02-01", "2026-02-02", "2026-02-04")]) > 0
    assert await devices(database, since=datetime(2026, 2, 25, tzinfo=UTC)) == {}
    await settled(database)
    assert (await devices(database))["Late"] == 1
    await remove(database, "Late")
    assert await every_count(database) == right


async def as_an_older_program_stores_it(database):
    """Calls as a program before 0022 has saved and counted them."""
    counts = call_counts.c
    async with database.begin() as db:
        for call_key, hour, text in (await db.execute(select(counts.call_key, counts.hour, counts.counts))).all():
            older = {"day": day_of_hour(hour), "tallies": orjson.dumps(orjson.loads(text)[-1]).decode()}
            await db.execute(insert(call_tallies).values(call_key=call_key, **older))
        known = day_counts.c.dimension.in_(["all", *DIMENSIONS])
        for row in (await db.execute(select(day_counts).where(known))).mappings().all():
            old = {column.name: row[column.name] for column in day_tallies.columns if column.name != "position"}
            position = await db.scalar(select(func.count()).select_from(day_tallies))
            await db.execute(insert(day_tallies).values(position=position, **old))
        for table in (call_counts, hour_counts, counted_values, day_counts, count_changes):
            await db.execute(delete(table))


async def test_what_an_older_program_counted_is_read_until_its_calls_are_moved_and_then_is_the_same(database):
    await save(database, *an_archive())
    await settled(database)
    right, before = await every_count(database), await devices(database)
    stats_before = await by_hour(database)
    await as_an_older_program_stores_it(database)
    assert await devices(database) == before
    assert await by_hour(database) == stats_before
    async with database.begin() as db:
        await older_counts._move(db, [row["call_key"] for row in (await rows_of(database, call_tallies))[::2]])
    await fold.fold(database)
    assert await devices(database) == before
    assert await by_hour(database) == stats_before
    await settled(database)
    assert await every_count(database) == right
    assert (await rows_of(database, call_tallies), await rows_of(database, day_tallies)) == ([], [])


async def test_a_call_that_an_older_program_saves_again_is_counted_once(database):
    await save(database, a_call_with("Old", call_id=guid(1)))
    await settled(database)
    (was,) = await rows_of(database, call_counts)
    older = {"call_key": was["call_key"], "day": "2026-02-25"}
    async with database.begin() as db:
        await db.execute(insert(call_tallies).values(**older, tallies=orjson.dumps(NEW_MIC).decode()))
    await settled(database)
    assert await devices(database) == {"New": 1}


NEW_MIC = {"all": {"": [1, 1, 0]}, "device": {"New": [1, 1, 0]}}


async def by_hour(database, by="platform"):
    within = Filters(since=FIRST - timedelta(minutes=30), until=FIRST + timedelta(days=3, minutes=30))
    async with database.snapshot() as db:
        return await calls_over_time.counted(db, within, "hour", by)
