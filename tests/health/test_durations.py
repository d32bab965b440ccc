from datetime import UTC, datetime, timedelta

import pytest

from app.health.durations import ago, counted, until
from app.settings.units import describe_duration

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
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
        (47 * 3600 + 59 * 60, "1 d 23 h"),
        (86_400 * 400, "400 d"),
    ],
)
def test_a_duration_is_written_in_its_largest_unit_and_the_next_one(seconds, text):
    assert describe_duration(timedelta(seconds=seconds)) == text


def test_moments_are_written_relative_to_now():
    hour = timedelta(hours=1)
    assert [ago(NOW - hour, NOW), ago(None, NOW)] == ["1 h ago", "never"]
    assert [until(NOW + hour, NOW), until(NOW - hour, NOW)] == ["in 1 h", "1 h ago"]
    assert [counted(1, "record"), counted(0, "record")] == ["1 record", "0 records"]
