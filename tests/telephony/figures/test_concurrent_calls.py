"""Calls at the same time, and the traffic of an hour, against tables that were computed by hand."""

import pytest

from app.telephony.figures import concurrency, traffic
from app.telephony.figures.concurrency import NONE, Peak, Sweep
from app.telephony.figures.traffic import HOUR, SECOND, BusyHour, Occupancy

MINUTE = 60 * SECOND


def split(intervals):
    return [first for first, _ in intervals], [last for _, last in intervals]


PEAKS = {
    "none": ([], NONE),
    "one": ([(5, 9)], Peak(1, 5)),
    "calls that touch are not simultaneous": ([(0, 10), (10, 20), (20, 30)], Peak(1, 0)),
    "an end and a start at the same time beside a third": ([(0, 10), (10, 20), (5, 15)], Peak(2, 5)),
    "equal intervals": ([(0, 10), (0, 10), (0, 10)], Peak(3, 0)),
    "the first of two equal peaks": ([(0, 3), (1, 3), (10, 13), (11, 13)], Peak(2, 1)),
    "nested": ([(0, 100), (10, 90), (20, 30), (40, 50)], Peak(3, 20)),
    "without a length": ([(5, 5), (5, 5), (0, 10)], Peak(1, 0)),
    "backwards": ([(9, 5), (0, 10)], Peak(1, 0)),
    "before 1970": ([(-10, -5), (-8, -6)], Peak(2, -8)),
}


@pytest.mark.parametrize(("intervals", "peak"), PEAKS.values(), ids=PEAKS)
def test_a_peak_is_the_most_calls_at_a_time_and_when_it_began(intervals, peak):
    assert concurrency.peak(*split(intervals)) == peak


@pytest.mark.parametrize("step", [1, 7, 10, 1000])
def test_a_sweep_in_parts_finds_the_same_peak_as_one(step):
    intervals = [(at, at + 3 + (at * 7) % 40) for at in range(0, 300, 2)]
    intervals.append((5, 290))  # longer than each part
    sweep, total = Sweep(), Sweep()
    for reached in range(step, 300 + step, step):
        sweep.add(*split([one for one in intervals if reached - step <= one[0] < reached]))
        total.add_events_of(sweep)
        sweep.advance(reached)
        total.advance(reached)
    assert sweep.finished() == total.finished() == concurrency.peak(*split(intervals))


HOURS = {
    "none": ([], traffic.NONE),
    "half an hour": ([(0, HOUR // 2)], BusyHour(0, 0.5)),
    "over the end of an hour": ([(50 * MINUTE, 80 * MINUTE), (70 * MINUTE, 75 * MINUTE)], BusyHour(HOUR, 25 / 60)),
    "three hours": ([(HOUR // 2, 3 * HOUR)], BusyHour(HOUR, 1.0)),
    "the busiest": ([(0, HOUR), (HOUR, 2 * HOUR), (HOUR, 2 * HOUR - SECOND)], BusyHour(HOUR, 2 - 1 / 3600)),
    "without a length": ([(5, 5)], BusyHour(0, 0.0)),
}


@pytest.mark.parametrize(("intervals", "busiest"), HOURS.values(), ids=HOURS)
def test_the_busy_hour_has_the_most_occupied_time(intervals, busiest):
    occupancy = Occupancy()
    occupancy.add(*split(intervals))
    found = occupancy.busy_hour()
    assert (found.start, found.erlangs) == (busiest.start, pytest.approx(busiest.erlangs))


@pytest.mark.parametrize(
    ("erlangs", "channels", "blocked"),
    [
        (5, 10, 0.0184),
        (10, 10, 0.2146),
        (2, 5, 0.0367),
        (1, 1, 0.5),
        (5, 0, 1.0),
        (0, 3, 0.0),
    ],
)
def test_blocking_is_erlang_b(erlangs, channels, blocked):
    assert round(traffic.erlang_b(erlangs, channels), 4) == blocked


@pytest.mark.parametrize(("erlangs", "blocked", "channels"), [(5, 0.01, 11), (5, 0.0184, 10), (0, 0.01, 1)])
def test_the_channels_that_are_needed_block_no_more_than_is_wanted(erlangs, blocked, channels):
    assert traffic.channels_needed(erlangs, blocked) == channels
