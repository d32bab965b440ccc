"""The logs of a tenant are copied day by day, resumed, read again, and refused, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.archive.erasure import erase_person
from app.archive.schema.call_log_tables import call_log_rows
from app.db import lease
from app.graph.errors import Unavailable
from app.telephony.sync import planning, progress
from app.telephony.sync.job import SynchroniseLogs
from app.telephony.sync.synchronise import Synchronise
from tests.some import some
from tests.telephony.log_server import LogServer, refused

pytestmark = pytest.mark.anyio
TENANT = "00000000-0000-4000-8000-0000000000aa"
HOUR = timedelta(hours=1)


def today():
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def yesterday():
    return today() - planning.DAY


@pytest.fixture
def graph():
    return LogServer()


@pytest.fixture
def log_of(database, graph):
    def make(kind="pstn", **changes):
        return Synchronise(database, graph, TENANT, kind, holder="here", **{"every": HOUR} | changes)

    return make


async def stored(database, *columns):
    names = [call_log_rows.c[name] for name in columns or ("row_id",)]
    async with database.reading() as db:
        return [tuple(row) for row in await db.execute(select(*names).order_by(call_log_rows.c.row_id))]


async def state_of(database, kind="pstn"):
    async with database.reading() as db:
        return await progress.state(db, TENANT, kind)


async def days_of(database, kind="pstn"):
    async with database.reading() as db:
        return await progress.days(db, TENANT, kind)


async def test_a_pass_reads_each_day_once_and_a_row_of_the_boundary_is_stored_once(database, graph, log_of):
    graph.add("pstn", yesterday())  # midnight: in the ranges of two days
    graph.add("pstn", yesterday() + HOUR)
    done = await log_of().run(since=yesterday() - planning.DAY)
    assert (done.days, done.error) == (3, None)
    assert await stored(database) == [("pstn-0",), ("pstn-1",)]
    assert done.saved == (2, 0, 1)
    assert (await log_of().run(since=yesterday() - planning.DAY)).days == 0  # nothing is due
    again = await log_of(every=timedelta(0)).run(since=yesterday() - planning.DAY)
    assert (again.days, again.saved.new) == (3, 0)
    assert (await state_of(database)).read_at is not None


async def test_the_first_run_reads_a_year_of_one_log_and_150_days_of_the_other(graph, log_of):
    assert ((await log_of("pstn").run()).days, (await log_of("direct_routing").run()).days) == (365, 150)
    [*_, (_, first, _)] = [one for one in graph.asked if one[0] == "pstn"]
    assert first == planning.reach("pstn", datetime.now(UTC), None)
    assert all(since < until for _, since, until in some(graph.asked))
    assert max(until for _, _, until in graph.asked) < datetime.now(UTC)


async def test_an_interrupted_run_continues_with_the_days_that_are_missing(database, graph, log_of):
    since = today() - 9 * planning.DAY
    broken = (today() - 4 * planning.DAY).date()
    graph.fail = lambda since, _: Unavailable("away") if since.date() == broken else None
    failed = await log_of().run(since=since)
    assert (failed.days, failed.error) == (4, "away")
    state = await state_of(database)
    assert (state.error, state.failed_at is None, state.read_at is None) == ("away", False, False)
    graph.fail, graph.asked = lambda *_: None, []
    assert (await log_of().run(since=since)).days == 6
    assert graph.days_asked()[0] == broken.isoformat()
    assert (await state_of(database)).error is None


async def test_a_day_with_many_rows_is_read_by_the_hour_and_resumed_within_the_day(
    database, graph, log_of, monkeypatch
):
    monkeypatch.setattr("app.telephony.sync.day_reader.MANY", 30)
    graph.page = 20
    for minute in range(0, 24 * 60, 20):
        graph.add("pstn", yesterday() + timedelta(minutes=minute))
    noon = yesterday() + 12 * HOUR
    graph.fail = lambda since, _: Unavailable("away") if since == noon else None
    assert (await log_of().run(since=yesterday())).error == "away"
    read = (await days_of(database))[yesterday().date()]
    assert (read.step_seconds, read.reached_at, read.read_at) == (3600, noon, None)
    graph.fail, graph.asked = lambda *_: None, []
    await log_of().run(since=yesterday())
    assert graph.asked[0][1:] == (noon, noon + HOUR)
    read = (await days_of(database))[yesterday().date()]
    assert (read.reached_at, read.row_count) == (None, 95)  # 72, and those of full hours twice
    assert len(await stored(database)) == 72


async def test_a_range_that_graph_refuses_is_split(subtests, database, graph, log_of):
    for kind, status in (("pstn", 406), ("direct_routing", 400)):
        with subtests.test(status=status):
            graph.fail = lambda since, until, status=status: refused(status) if until - since > HOUR else None
            graph.add(kind, yesterday() + 5 * HOUR)
            done = await log_of(kind).run(since=yesterday())
            assert (done.error, done.saved.new) == (None, 1)
    assert (await days_of(database))[yesterday().date()].step_seconds == 3600


async def test_a_range_that_graph_never_accepts_is_an_error_and_not_asked_for_for_ever(database, graph, log_of):
    graph.fail = lambda *_: refused(406)
    done = await log_of().run(since=yesterday())
    assert (done.days, "406" in done.error, done.is_refused) == (0, True, False)
    assert len(graph.asked) <= 5


async def test_a_missing_permission_marks_the_log_and_is_tried_daily(database, graph, log_of):
    graph.fail = lambda *_: refused(403)
    first = await log_of().run()
    assert (first.is_refused, first.days, len(graph.asked)) == (True, 0, 1)
    assert (await log_of().run()).is_refused
    assert len(graph.asked) == 1  # not asked again
    assert (await log_of().run(insist=True)).is_refused
    assert len(graph.asked) == 2
    async with database.begin() as db:
        await progress.save_state(db, TENANT, "pstn", refused_at=datetime.now(UTC) - timedelta(days=1))
    graph.fail = lambda *_: None
    graph.asked.clear()
    assert (await log_of().run()).days == 365
    assert (await state_of(database)).refused_at is None


async def test_one_process_reads_a_log_at_a_time(database, graph, log_of):
    async with lease.hold(database, f"call-log:{TENANT}:pstn", "there") as theirs:
        assert theirs
        assert (await log_of().run()).is_elsewhere
    assert graph.asked == []


async def test_a_late_row_is_found_and_a_changed_one_keeps_its_earlier_content(database, graph, log_of):
    row = graph.add("pstn", yesterday() + HOUR, charge=None, callType="oc_user_out", callDurationSource="operator")
    log = log_of(every=timedelta(0))
    await log.run(since=yesterday())
    row["charge"] = 0.0345
    graph.add("pstn", yesterday() + HOUR)
    assert (await log.run(since=yesterday())).saved[:2] == (1, 1)
    graph.rows["pstn"].clear()  # what Graph omits stays
    await log.run(since=yesterday())
    assert await stored(database, "row_id", "revision") == [("pstn-0", 2), ("pstn-1", 1)]


async def test_rows_older_than_the_retention_are_not_stored(database, graph, log_of):
    graph.add("pstn", datetime.now(UTC) - timedelta(hours=50))
    graph.add("pstn", datetime.now(UTC) - timedelta(hours=20))
    await log_of(retention=timedelta(hours=48)).run(since=today() - 9 * planning.DAY)
    assert await stored(database) == [("pstn-1",)]
    assert len(graph.asked) <= 3


async def test_an_erased_person_does_not_come_back(database, graph, log_of):
    person = "0d9f4c18-2f7b-4a55-9a3e-1b6c8e7f5a21"
    await erase_person.erase(database, person)
    graph.add("pstn", yesterday() + HOUR, userId=person, userDisplayName="Mira", callerNumber="+49301239900")
    log = log_of(every=timedelta(0))
    assert (await log.run(since=yesterday())).saved.new == 1
    [(user_id, name, number)] = await stored(database, "user_id", "user_display_name", "caller_number")
    assert user_id == name == number
    assert user_id.startswith("erased-")
    assert (await log.run(since=yesterday())).saved == (0, 0, 1)  # no change each time


async def test_the_schedule_reads_both_logs_of_every_tenant(database, graph):
    graph.add("pstn", yesterday())
    graph.add("direct_routing", yesterday())
    other = "00000000-0000-4000-8000-0000000000bb"
    job = SynchroniseLogs(database, {TENANT: graph, other: graph}, HOUR, holder="here", retention=3 * planning.DAY)
    assert [one.saved.new for one in await job.once()] == [1, 1, 1, 1]
    assert len(await stored(database)) == 4
