"""Axes of charts: hours within a day, dates over several days, whole steps for counts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.web.pages.shared.charts import LABELS, time_ticks, top_of

START = datetime(2026, 11, 14, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("count", "step", "texts"),
    [
        (169, HOUR, ["15 Nov", "16 Nov", "17 Nov", "18 Nov", "19 Nov", "20 Nov", "21 Nov"]),
        (25, HOUR, ["13:00", "17:00", "21:00", "01:00", "05:00", "09:00", "13:00"]),
        (30, DAY, ["14 Nov", "19 Nov", "24 Nov", "29 Nov", "4 Dec", "9 Dec"]),
        (1, HOUR, ["13:00"]),
        (0, HOUR, []),
    ],
)
def test_labels_of_the_time_axis_are_distinct(count, step, texts):
    ticks = time_ticks([START + place * step for place in range(count)], ZoneInfo("Europe/Berlin"))
    assert [tick.text for tick in ticks] == texts
    assert len(ticks) <= LABELS


@pytest.mark.parametrize(
    ("highest", "least", "wanted"),
    [(9, 1, (10, 5)), (3, 1, (3, 1)), (9, 0, (10, 2.5)), (0, 1, (4, 1)), (0.4, 1, (1, 1))],
)
def test_an_axis_of_whole_numbers_has_whole_steps(highest, least, wanted):
    assert top_of(highest, least=least) == wanted
