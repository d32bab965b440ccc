"""Calls whose start, end or both Graph does not know: every reader works, and no length is made up."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app.archive.daily import calls_per_day, count_job
from app.archive.queries import stats, stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema import tables
from app.archive.upgrade.derive import Derive
from app.export.formats import Format
from app.export.run import export
from tests.archive.records import NOW, a_call_record, a_session, guid, kept, only_row_of, rows_of, save

pytestmark = pytest.mark.anyio

START, END = "2026-02-25T18:52:21.2169889Z", "2026-02-25T18:52:46.7640013Z"
MODIFIED = "2026-02-25T19:00:24.582757Z"
NEVER, FOREVER = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"
STARTED = datetime(2026, 2, 25, 18, 52, 21, 216988, UTC)
ENDED = datetime(2026, 2, 25, 18, 52, 46, 764001, UTC)
WAS_MODIFIED = datetime(2026, 2, 25, 19, 0, 24, 582757, UTC)
DAY = Filters(since=datetime(2026, 2, 25, tzinfo=UTC), until=datetime(2026, 2, 26, tzinfo=UTC))


@pytest.mark.parametrize(
    ("start", "end", "row"),
    [
        (START, END, (STARTED, ENDED, pytest.approx(25.547013), STARTED)),
        (START, START, (STARTED, STARTED, 0.0, STARTED)),
        (END, START, (ENDED, STARTED, None, ENDED)),
        (START, NEVER, (STARTED, None, None, STARTED)),
        (START, FOREVER, (STARTED, None, None, STARTED)),
        (NEVER, END, (None, ENDED, None, ENDED)),
        (FOREVER, END, (None, ENDED, None, ENDED)),
        (NEVER, NEVER, (None, None, None, WAS_MODIFIED)),
        (None, None, (None, None, None, WAS_MODIFIED)),
        (NEVER, FOREVER, (None, None, None, WAS_MODIFIED)),
    ],
)
def test_a_length_needs_a_start_and_an_end_that_does_not_lie_before_it(start, end, row):
    call = kept(a_call_record(startDateTime=start, endDateTime=end)).row
    assert (call["start_date_time"], call["end_date_time"], call["duration_seconds"], call["ordered_at"]) == row


def test_a_call_of_which_no_time_is_known_is_listed_when_it_was_stored():
    unknown = dict.fromkeys(("startDateTime", "endDateTime", "lastModifiedDateTime"), NEVER)
    assert kept(a_call_record(**unknown)).row["ordered_at"] == NOW


def test_unknown_times_are_unknown_in_sessions_segments_and_streams():
    record = a_call_record()
    (session,) = record["sessions"]
    (segment,) = session["segments"]
    (stream,) = segment["media"][0]["streams"]
    for part in (session, segment, stream):
        part |= {"startDateTime": NEVER, "endDateTime": FOREVER}
    children = kept(record).children
    for table in (tables.sessions, tables.segments, tables.streams):
        (row,) = children[table.name]
        named = dict(zip(table.columns.keys()[1:], row, strict=True))
        assert (named["start_date_time"], named["end_date_time"]) == (None, None)


def some_calls():
    """A normal one of 25 seconds, and one of each kind of unknown or impossible time on the same day."""
    times = [(START, END), (START, NEVER), (START, FOREVER), (NEVER, END), (NEVER, NEVER), (END, START)]
    return [
        a_call_record(id=guid(0x100 + number), startDateTime=start, endDateTime=end)
        for number, (start, end) in enumerate(times)
    ]


async def test_the_statistics_count_no_length_that_is_not_known(database):
    await save(database, *some_calls())
    async with database.reading() as db:
        (day,) = await stats.counted(db, DAY, "day", None)
    assert (day.all.calls, day.all.seconds) == (6, pytest.approx(25.547013))


async def test_the_daily_counts_have_every_call(database):
    await save(database, *some_calls())
    await count_job.settle(database, holder="test")
    async with database.reading() as db:
        assert [(day.start, day.all.calls) for day in await calls_per_day.counted(db, DAY)] == [(DAY.since, 6)]


async def test_paging_gives_each_call_once(database):
    records = some_calls()
    await save(database, *records)
    found, place = [], None
    async with database.reading() as db:
        while True:
            page = await stored_calls.calls(db, limit=2, after=place)
            found += [item["id"] for item in page.items]
            place = page.next
            if place is None:
                break
    assert sorted(found) == [record["id"] for record in records]


@pytest.mark.parametrize("form", [form.value for form in Format])
async def test_every_call_is_exported(database, tmp_path, form):
    await save(database, *some_calls())
    summary = await export(database, tmp_path / "out", Format(form))
    assert summary.rows["call_records"] == 6
    assert [file.parent.name for file in (tmp_path / "out/call_records").rglob(f"*.{form}")] == ["day=2026-02-25"]


@pytest.mark.parametrize("form", [form.value for form in Format])
async def test_calls_that_an_older_version_stored_with_such_times_are_exported_too(database, tmp_path, form):
    await save(database, *some_calls()[:2])
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    calls = tables.call_records
    async with database.begin() as db:
        for call_id, moment in ((guid(0x100), first), (guid(0x101), last)):
            times = {"ordered_at": moment, "start_date_time": moment, "end_date_time": moment}
            await db.execute(update(calls).where(calls.c.call_id == call_id).values(times))
    summary = await export(database, tmp_path / "out", Format(form))
    assert summary.rows["call_records"] == 2
    days = {file.parent.name for file in (tmp_path / "out/call_records").rglob(f"*.{form}")}
    assert days == {"day=0001-01-01", "day=9999-12-31"}


async def test_a_session_whose_end_lies_before_its_start_keeps_both_times(database):
    await save(database, a_call_record(sessions=[a_session(startDateTime=END, endDateTime=START)]))
    (row,) = await rows_of(database, tables.sessions)
    assert (row["start_date_time"], row["end_date_time"]) == (ENDED, STARTED)


async def test_an_integer_that_is_written_as_a_float_is_stored_and_its_stream_judged(database):
    record = a_call_record()
    (stream,) = record["sessions"][0]["segments"][0]["media"][0]["streams"]
    stream |= {"packetUtilization": 6000.0, "averageBandwidthEstimate": "9007199254740993", "averageJitter": "PT0.5S"}
    record["version"] = 3.0
    await save(database, record)
    row = await only_row_of(database, tables.streams)
    assert (row["packet_utilization"], row["average_bandwidth_estimate"]) == (6000, 9007199254740993)
    assert (row["quality"], row["poor_due_to"]) == ("poor", "averageJitter")
    assert (await only_row_of(database, tables.call_records))["version"] == 3


def test_a_call_that_ends_at_midnight_written_as_24_00_has_a_length():
    call = kept(a_call_record(startDateTime="2026-03-01T23:59:00Z", endDateTime="2026-03-01T24:00:00Z"))
    assert call.row["duration_seconds"] == timedelta(minutes=1).total_seconds()


@pytest.mark.parametrize("start", [START, NEVER])
async def test_a_call_that_an_older_version_stored_is_read_again_and_gets_its_times(database, start):
    await save(database, a_call_record(startDateTime=start, endDateTime=FOREVER))
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    wrong = {"ordered_at": first, "start_date_time": first, "end_date_time": last, "duration_seconds": -63931284000.0}
    async with database.begin() as db:
        await db.execute(update(tables.call_records).values(wrong | {"derivation": None, "quality_rules": None}))
    assert await Derive(database, holder="test").once() == 1
    row = await only_row_of(database, tables.call_records)
    assert (row["end_date_time"], row["duration_seconds"]) == (None, None)
    assert row["ordered_at"] == (STARTED if start == START else WAS_MODIFIED)
    assert row["quality_rules"] == "cqd-2024-10"
    await count_job.settle(database, holder="test")
    async with database.reading() as db:
        assert [day.start for day in await calls_per_day.counted(db, DAY) if day.all.calls] == [DAY.since]
