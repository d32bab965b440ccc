"""How certain a share is: Wilson's interval, and what is said against another share."""

import pytest

from app.archive.daily.confidence import against, change, interval, wilson
from app.archive.daily.streams_per_day import Counts


@pytest.mark.parametrize(
    ("share", "trials", "low", "high"),
    [
        (0.0, 0, 0.0, 1.0),
        (1.0, 1, 0.207, 1.0),  # one call says nearly nothing
        (0.5, 10, 0.237, 0.763),
        (0.0, 20, 0.0, 0.161),
        (0.1, 1000, 0.083, 0.120),
    ],
)
def test_the_interval_of_a_share_is_wilsons(share, trials, low, high):
    found = wilson(share, trials)
    assert (round(found.low, 3), round(found.high, 3)) == (low, high)


@pytest.mark.parametrize(
    ("poor", "judged", "calls", "verdict"),
    [
        (300, 400, 80, "worse"),
        (4, 4, 1, "unclear"),  # all streams of a single call
        (40, 400, 80, "unclear"),
        (2, 4000, 800, "better"),
        (0, 0, 3, "unclear"),
    ],
)
def test_a_value_is_worse_only_where_its_interval_is_above_the_share_of_all(poor, judged, calls, verdict):
    assert against(Counts(poor=poor, judged=judged, calls=calls), 0.1) == verdict


def test_streams_of_one_call_are_one_trial():
    assert interval(Counts(poor=200, judged=400, calls=1)) == wilson(0.5, 1)


@pytest.mark.parametrize(
    ("poor", "poor_before", "verdict"), [(200, 20, "worse"), (20, 200, "better"), (40, 50, "unclear")]
)
def test_a_change_is_clear_where_the_intervals_of_both_periods_do_not_overlap(poor, poor_before, verdict):
    assert change(*(Counts(poor=each, judged=400, calls=100) for each in (poor, poor_before))) == verdict
    assert change(Counts(poor=poor, judged=400, calls=100), Counts()) == "unclear"
