"""What poor streams have in common, on made-up uses: pure."""

from datetime import UTC, datetime, timedelta

import pytest

from app.archive.parse.call_dimensions import Streams
from app.archive.people import comparison
from app.archive.people.comparison import Used

FIRST = datetime(2026, 2, 1, tzinfo=UTC)


def calls(count, poor, first=0, judged=4, **values):
    """So many calls of four streams, ``poor`` of each poor, with these values."""
    streams = Streams(4, judged, poor)
    known = tuple((name, frozenset([value])) for name, value in values.items())
    return [Used(first + number, FIRST + timedelta(hours=first + number), known, streams) for number in range(count)]


TABLE = [
    # wifi is bad, cable is not
    (
        calls(5, 2, connection_type="wifi") + calls(5, 0, 100, connection_type="wired"),
        [("connection_type", "wifi", 0.5, 0.0)],
    ),
    # four calls say nothing, and four others neither
    (calls(4, 4, connection_type="wifi") + calls(9, 0, 100, connection_type="wired"), []),
    (calls(9, 4, connection_type="wifi") + calls(4, 0, 100, connection_type="wired"), []),
    # what was never anything else has nothing to be compared with
    (calls(20, 2, platform="windows"), []),
    # as poor with it as without it
    (calls(6, 1, codec="satin") + calls(6, 1, 100, codec="opus"), []),
    # streams that nobody judged do not count, nor do their calls
    (calls(9, 0, codec="satin", judged=0) + calls(9, 2, 100, codec="opus"), []),
    # where the value is not known is not elsewhere
    (calls(9, 2, subnet="10.0.0.0") + calls(9, 0, 100, platform="iOS"), []),
    # the highest lift first
    (
        calls(5, 4, device="A") + calls(5, 2, 100, device="B") + calls(10, 0, 200, device="C"),
        [("device", "A", 1.0, 2 / 12), ("device", "B", 0.5, 4 / 12)],
    ),
]


@pytest.mark.parametrize(("used", "expected"), TABLE)
def test_what_poor_streams_have_in_common(used, expected):
    found = [
        (one.dimension, one.value, one.share, pytest.approx(one.share_without))
        for one in comparison.compared(used).common
    ]
    assert found == expected


def test_what_was_used_is_counted_by_value_with_the_moment_it_was_seen_last():
    found = comparison.compared(calls(3, 1, device="A") + calls(2, 0, 1, device="A") + calls(1, 0, 9, device="B")).uses[
        "device"
    ]
    assert [(use.value, len(use.calls), use.streams, use.judged, use.poor) for use in found] == [
        ("A", 3, 20, 20, 3),
        ("B", 1, 4, 4, 0),
    ]
    assert found[0].last_seen == FIRST + timedelta(hours=2)
    assert found[0].share == 0.15


def test_nothing_used_has_nothing_in_common():
    assert comparison.compared([]).uses == {}
    assert comparison.compared([]).common == []
