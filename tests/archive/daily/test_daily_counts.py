"""The tallies of days are what the archive's calls add up to, whatever is saved, replaced, removed and erased."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from app.archive.daily import recount, recount_job, streams_per_day
from app.archive.daily.recount_job import RecountJob
from app.archive.erasure.erase_person import erase
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.retention import expired_calls
from app.archive.schema.daily_tables import day_tallies, untallied_days
from app.archive.schema.dimensions import DIMENSIONS
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
    await recount_job.settle(database, holder="test")


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
    for dimension in DIMENSIONS:
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
    assert {row["day"] for row in await rows_of(database, day_tallies)} == {"2026-02-20"}
    assert await devices(database) == {"Mic": 1}


async def test_what_is_purged_is_not_counted_any_more(database):
    await save(database, a_call_with("Old", day="2026-01-01"), a_call_with("New", day="2026-02-25"))
    await settled(database)
    async for _ in expired_calls.purge(database, datetime(2026, 2, 1, tzinfo=UTC)):
        pass
    await settled(database)
    assert await devices(database) == {"New": 1}


async def test_an_erased_persons_device_is_in_no_tally_when_erasing_is_done(database):
    await save(database, everywhere())
    await settled(database)
    assert "John's AirPods" in await devices(database)
    await erase(database, DOE)
    assert "John's AirPods" not in await devices(database)
    assert await found(database, device="John's AirPods") == 0


class SavesBeforeEachWrite:
    """A database in which a call is saved after the calls of a day were read and before their counts are written."""

    def __init__(self, database, *records):
        self._database = database
        self._records = list(records)
        self.reading = database.reading

    @asynccontextmanager
    async def begin(self):
        while self._records:
            await save(self._database, self._records.pop())
        async with self._database.begin() as db:
            yield db


async def test_what_is_saved_while_a_day_is_counted_is_counted_next(database):
    await save(database, a_call_with("Early"))
    assert await recount.recount(SavesBeforeEachWrite(database, a_call_with("Late"))) == 1
    assert await devices(database) == {"Early": 1}
    async with database.reading() as db:
        assert await streams_per_day.uncounted(db, Filters()) == ["2026-02-25"]
    await settled(database)
    assert await devices(database) == {"Early": 1, "Late": 1}


async def test_several_workers_save_while_days_are_counted_and_nothing_is_missed(database):
    async def save_many(name):
        for _ in range(6):
            await save(database, a_call_with(name), a_call_with(name, day="2026-02-26"))

    counting = asyncio.create_task(schedule.repeat(RecountJob(database, holder="one", every=timedelta(milliseconds=5))))
    await asyncio.gather(*map(save_many, "abc"))
    await settled(database)
    counting.cancel()
    assert await devices(database) == {"a": 12, "b": 12, "c": 12}
    assert await rows_of(database, untallied_days) == []


async def test_only_who_has_the_lease_counts(database):
    await save(database, a_call_with("Mic"))
    async with lease.hold(database, "tally", "another"):
        assert await RecountJob(database, holder="one").once() == 0
    assert await RecountJob(database, holder="one").once() == 1
    assert await RecountJob(database, holder="one").once() == 0


async def test_other_filters_than_days_and_tenants_are_refused(database):
    async with database.reading() as db:
        with pytest.raises(ValueError, match="days and tenants only"):
            await streams_per_day.over(db, Filters(quality="poor"), "device")
