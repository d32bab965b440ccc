"""Waiting times, abandons and service levels, against tables that were computed by hand."""

import pytest

from app.telephony.figures.distribution import spread
from app.telephony.figures.queues import Ending, Offered, Queue


@pytest.mark.parametrize(
    ("counted", "median", "p90"),
    [
        ({}, None, None),
        ({4.0: 1}, 4.0, 4.0),
        ({1: 1, 2: 1, 3: 1, 4: 1}, 2, 4),
        ({1: 5, 2: 5}, 1, 2),
        ({0: 89, 10: 11}, 0, 10),
        ({0: 90, 10: 10}, 0, 0),
        ({7: 1, 1: 2, 3: 7}, 3, 3),
    ],
)
def test_median_and_p90_are_the_nearest_rank(counted, median, p90):
    assert spread(counted) == (sum(counted.values()), median, p90)


# 30 offered: 20 answered (14 within 20 s), 8 abandoned (3 within 5 s), 1 overflowed, 1 timed out.
CALLS = [
    *[Offered(Ending.answered, 8.0)] * 13,
    Offered(Ending.answered, 20.0),
    *[Offered(Ending.answered, 45.0)] * 5,
    Offered(Ending.answered, None),
    *[Offered(Ending.abandoned, 4.9)] * 2,
    Offered(Ending.abandoned, 5.0),
    *[Offered(Ending.abandoned, 61.0)] * 4,
    Offered(Ending.abandoned, None),
    Offered(Ending.overflowed, 0.0),
    Offered(Ending.timed_out, 120.0),
]


def test_a_queues_figures_are_those_of_the_table():
    queue = Queue()
    queue.add(CALLS)
    assert (queue.offered, queue.answered, queue.abandoned, queue.short_abandons) == (30, 20, 8, 3)
    assert queue.is_enough
    assert queue.service_level() == 56.0  # 14 / (20 + 8 - 3)
    assert queue.grade_of_service() == 46.67  # 14 / 30
    assert queue.abandon_rate() == 26.67  # 8 / 30
    assert queue.abandon_rate_without_short() == 18.52  # 5 / 27
    assert queue.waiting() == (19, 8.0, 45.0)


def test_target_and_short_abandons_are_chosen():
    queue = Queue(target=8.0, short=4.9)
    queue.add(CALLS)
    assert (queue.in_time, queue.short_abandons) == (13, 2)


def test_a_queue_without_calls_has_no_rates():
    queue = Queue()
    assert (queue.service_level(), queue.grade_of_service(), queue.abandon_rate()) == (None, None, None)
    assert not queue.is_enough
