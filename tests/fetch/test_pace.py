import asyncio
import heapq
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.fetch.pace import DEFAULT_PAUSE, PER_LIST, PER_RECORD, RECOVERY, Pace
from app.fetch.rate_sharing import ShareRate
from app.settings.units import Rate
from tests.moving import move_time
from tests.some import some

pytestmark = pytest.mark.anyio

WIDE = Rate(1500, 20)


class Clock:
    """A clock that jumps to the next sleeper as soon as nobody has anything else to do."""

    def __init__(self):
        self.now = 1000.0
        self._sleepers = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.now + seconds, len(self._sleepers), id(woken), woken))
        await woken.wait()

    async def run(self, *coroutines):
        """Until all of them have ended."""
        tasks = [asyncio.create_task(one) for one in coroutines]
        while not all(task.done() for task in tasks):
            for _ in range(5):
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, *_, woken = heapq.heappop(self._sleepers)
                woken.set()
        return [task.result() for task in tasks]


@pytest.fixture
def clock():
    return Clock()


def a_pace(clock, rate=WIDE, **options):
    return Pace(rate, clock=clock, sleep=clock.sleep, **options)


async def asks(pace, clock, scope="", *, at=0.0, times=1, sent=None):
    """Ask for turns one after the other, and remember when each came."""
    if at:
        await clock.sleep(at)
    mine = []
    for _ in range(times):
        await pace.turn(scope)
        mine.append(clock.now)
        if sent is not None:
            sent.append((clock.now, scope))
    return mine


def fullest(moments, seconds):
    """The most moments in any half-open window of that length."""
    ordered = sorted(moments)
    return max((sum(start <= m < start + seconds for m in ordered) for start in ordered), default=0)


async def test_requests_below_the_limit_do_not_wait(clock):
    pace = a_pace(clock, Rate(3, 10))
    assert await clock.run(asks(pace, clock, times=3)) == [[1000.0] * 3]


async def test_a_request_above_the_limit_waits_until_the_first_is_a_window_old(clock):
    pace = a_pace(clock, Rate(2, 10))
    assert await clock.run(asks(pace, clock, times=5)) == [[1000, 1000, 1010, 1010, 1020]]


async def test_the_tenants_limit_counts_every_kind_of_request(clock):
    pace = a_pace(clock, Rate(3, 10))
    took = await clock.run(*(asks(pace, clock, scope) for scope in ("", "list", "record:a", "record:b")))
    assert sorted(moment for [moment] in took) == [1000, 1000, 1000, 1010]


@pytest.mark.parametrize(("scope", "rate"), [("record:a", PER_RECORD), ("list", PER_LIST)])
async def test_one_record_and_the_list_have_limits_of_their_own(clock, scope, rate):
    pace = a_pace(clock)
    [took] = await clock.run(asks(pace, clock, scope, times=100))
    assert fullest(took, rate.seconds) == rate.limit == 38
    assert took[-1] == pytest.approx(1000 + 2 * 20.5)


async def test_a_long_record_does_not_slow_another(clock):
    pace = a_pace(clock)
    _, other = await clock.run(asks(pace, clock, "record:long", times=80), asks(pace, clock, "record:other", times=10))
    assert other == [1000.0] * 10


asked = st.lists(
    st.tuples(st.sampled_from(["", "list", "record:a", "record:b"]), st.floats(0, 30), st.integers(1, 8)), max_size=25
)
a_hold = st.tuples(st.floats(0, 40), st.floats(0, 30))
holds = st.lists(a_hold, max_size=3)


@settings(deadline=None)
@given(asked, holds, st.integers(1, 12), st.integers(1, 4))
def test_no_window_ever_holds_more_than_its_limit_whatever_comes_when(asked, holds, limit, per_record):
    sent = asyncio.run(_sent(asked, holds, Rate(limit, 10), Rate(per_record, 7)))
    assert len(sent) == sum(times for _, _, times in asked)
    assert fullest([moment for moment, _ in sent], 10) <= limit
    for record in ("record:a", "record:b"):
        assert fullest([moment for moment, scope in sent if scope == record], 7) <= per_record


@settings(deadline=None)
@given(asked, st.lists(a_hold, min_size=1, max_size=3))
def test_nothing_is_sent_during_a_hold_whatever_comes_when(asked, holds):
    sent = asyncio.run(_sent(asked, holds, WIDE, PER_RECORD))
    for begun, seconds in some(holds):
        assert not [m for m, _ in sent if 1000 + begun < m < 1000 + begun + seconds - 1e-6]


async def _sent(asked, holds, rate, per_record):
    clock, sent = Clock(), []
    pace = a_pace(clock, rate, per_record=per_record)

    async def hold(at, seconds):
        await clock.sleep(at)
        pace.throttle(seconds)

    every = [asks(pace, clock, scope, at=at, times=times, sent=sent) for scope, at, times in asked]
    await clock.run(*(hold(*one) for one in holds), *every)
    return sent


async def test_during_a_hold_nothing_is_asked(clock):
    pace = a_pace(clock)
    pace.throttle(30)
    assert pace.throttled_for == 30
    assert await clock.run(asks(pace, clock)) == [[1030.0]]
    assert pace.throttled_for == 0


async def test_a_hold_without_a_length_has_a_usual_one(clock):
    pace = a_pace(clock)
    pace.throttle(None)
    assert pace.throttled_for == DEFAULT_PAUSE


async def test_a_shorter_hold_never_cuts_a_longer_one(clock):
    reported = []
    pace = a_pace(clock, on_throttled=reported.append)
    for seconds in (30, 5, 0, 40):
        pace.throttle(seconds)
    assert pace.throttled_for == 40
    assert reported == [30, 40]


async def test_a_hold_that_comes_during_the_wait_is_honoured(clock):
    pace = a_pace(clock)
    pace.throttle(10)

    async def holds_again():
        await clock.sleep(5)
        pace.throttle(20)

    took, _ = await clock.run(asks(pace, clock), holds_again())
    assert took == [1025.0]


async def test_after_a_hold_the_requests_do_not_come_all_at_once(clock):
    pace = a_pace(clock, Rate(5, 10))
    pace.pause(100)
    took = await clock.run(*(asks(pace, clock, at=float(n)) for n in range(1, 50)))
    assert fullest([moment for [moment] in took], 10) == 5


async def test_a_waiter_that_goes_away_does_not_hold_up_the_others(clock):
    pace = a_pace(clock, Rate(1, 10))
    await pace.turn("")
    gone = asyncio.create_task(pace.turn(""))
    await asyncio.sleep(0)
    gone.cancel()
    assert await clock.run(asks(pace, clock)) == [[1010.0]]


async def test_records_that_are_done_leave_nothing_behind(clock):
    pace = a_pace(clock, Rate(10**6, 1))
    for n in range(1000):
        await clock.run(asks(pace, clock, f"record:{n}", times=3))
        pace.forget(f"record:{n}")
    assert not pace._records


async def test_a_long_record_fetched_again_at_once_still_keeps_to_its_limit(clock):
    pace = a_pace(clock)
    [first] = await clock.run(asks(pace, clock, "record:a", times=30))
    pace.forget("record:a")
    [second] = await clock.run(asks(pace, clock, "record:a", times=30))
    assert fullest(first + second, PER_RECORD.seconds) == PER_RECORD.limit


async def test_long_records_are_forgotten_once_their_window_is_over(clock):
    pace = a_pace(clock)
    for n in range(20):
        await clock.run(asks(pace, clock, f"record:{n}", times=30))
        pace.forget(f"record:{n}")
        clock.now += PER_RECORD.seconds + 1
    pace.forget("record:none")
    assert not pace._records


async def test_a_rate_is_divided_among_processes_and_turns_that_came_still_count(clock):
    pace, sent = a_pace(clock, Rate(30, 20)), []
    pace.share(3)
    assert pace.rate == Rate(10, 20)
    await clock.run(asks(pace, clock, times=25, sent=sent))
    assert [sum(begin <= at - 1000 < begin + 20 for at, _ in sent) for begin in (0, 20, 40)] == [10, 10, 5]
    pace.share(1)
    await clock.run(asks(pace, clock, times=25, sent=sent))
    assert sum(clock.now - 20 < at for at, _ in sent) <= 30
    pace.share(1000)
    assert pace.rate == Rate(1, 20)


async def test_each_429_halves_the_rate_to_an_eighth_and_minutes_without_one_double_it(clock):
    pace = a_pace(clock, Rate(80, 20))
    limits = []
    for _ in range(4):
        pace.throttle(1)
        pace.throttle(1)  # of a request that was sent before the first one came
        limits.append(pace.rate.limit)
        clock.now += 2
    assert limits == [40, 20, 10, 10]
    for _ in range(4):
        clock.now += RECOVERY
        await pace.turn("")
        limits.append(pace.rate.limit)
    assert limits[4:] == [20, 40, 80, 80]
    pace.pause(5)
    assert pace.rate.limit == 80


async def test_processes_of_a_tenant_count_each_other_until_their_leases_end(database):
    mine, other = Pace(WIDE), Pace(WIDE)
    here, there = (
        ShareRate(database, {"t": pace, f"only {name}": Pace(WIDE)}, holder=name, length=timedelta(hours=1))
        for name, pace in (("here", mine), ("there", other))
    )
    for job in (here, there, here):
        await job.once()
    assert (mine.rate, other.rate) == (Rate(750, 20), Rate(750, 20))
    await move_time(database, hours=1, seconds=1)
    await here.once()
    assert mine.rate == WIDE
