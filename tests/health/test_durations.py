from datetime import UTC, datetime, timedelta

import pytest

from app.health.durations import ago, counted, length, until

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (3661, "1 h 1 min"),
        (86_400 * 2 + 3600 * 3 + 59, "2 d 3 h"),
        (86_400 + 59, "1 d"),
        (86_400 * 400, "400 d"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(seconds, said):
    assert length(timedelta(seconds=seconds)) == said


def test_moments_are_said_from_now():
    hour = timedelta(hours=1)
    assert [ago(NOW - hour, NOW), ago(None, NOW)] == ["1 h ago", "never"]
    assert [until(NOW + hour, NOW), until(NOW - hour, NOW)] == ["in 1 h", "1 h ago"]
    assert [counted(1, "record"), counted(0, "record")] == ["1 record", "0 records"]
