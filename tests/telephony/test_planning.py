"""Which days of a log are read: once for a year, and again for a month, less often as they get older."""

from datetime import UTC, date, datetime, timedelta

from app.telephony.sync import planning
from app.telephony.sync.planning import DAY, LONGEST, UNREAD, DayRead, due, first_step, reach, shorter, start_of

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read(**ago):
    return DayRead(row_count=1, read_at=NOW - timedelta(**ago))


AGES = {  # days since the day ended, when it was read last: whether it is due with an interval of an hour
    (0, "30 minutes"): (read(minutes=30), False),
    (0, "an hour"): (read(hours=1), True),
    (2, "an hour"): (read(hours=1), True),
    (4, "an hour"): (read(hours=1), False),
    (4, "23 hours"): (read(hours=23), False),
    (4, "a day"): (read(days=1), True),
    (10, "a day"): (read(days=1), False),
    (10, "a week"): (read(days=7), True),
    (40, "a week: it was read at an age of 33 days"): (read(days=7), False),
    (40, "20 days: it was read at an age of 20 days, and then the service was stopped"): (read(days=20), True),
    (300, "never"): (UNREAD, True),
    (300, "broken off"): (DayRead(reached_at=NOW - 300 * DAY), True),
    (300, "broken off when it was read again"): (read(days=1)._replace(reached_at=NOW - 300 * DAY), True),
}


def test_a_day_is_read_again_less_often_as_it_gets_older(subtests):
    for (age, name), (known, expected) in AGES.items():
        day = (NOW - (age + 1) * DAY).date()
        with subtests.test(name, age=age):
            assert (day in due({day: known}, start_of(day), NOW, every=HOUR)) is expected


def test_days_are_read_from_the_newest_to_the_oldest():
    found = due({}, NOW - 3 * DAY, NOW, every=HOUR)
    assert found == [date(2026, 3, day) for day in (31, 30, 29, 28)]


def test_a_settled_day_is_read_again_if_it_is_asked_for():
    day = date(2025, 6, 1)
    known = {day: read(days=1)}
    assert day not in due(known, start_of(day), NOW, every=HOUR)
    assert day in due(known, start_of(day), NOW, every=HOUR, again_before=NOW)
    assert day not in due(known, start_of(day), NOW, every=HOUR, again_before=NOW - 2 * DAY)


def test_the_first_run_reaches_back_as_far_as_each_log_has_rows():
    assert reach("pstn", NOW, None) == datetime(2025, 4, 1, tzinfo=UTC)
    assert reach("direct_routing", NOW, None) == datetime(2025, 11, 2, tzinfo=UTC)
    assert reach("pstn", NOW, 10 * DAY) == datetime(2026, 3, 22, tzinfo=UTC)
    assert reach("pstn", NOW, 900 * DAY) == datetime(2025, 4, 1, tzinfo=UTC)


def test_a_query_is_an_hour_where_a_day_has_many_rows_and_shorter_where_graph_refuses_it():
    assert shorter(LONGEST, refused=False) == 3600
    assert shorter(3600, refused=False) is None
    steps = [LONGEST]
    while step := shorter(steps[-1], refused=True):
        steps.append(step)
    assert steps == [86400, 3600, 900, 225, 60]


def test_a_day_that_was_never_read_begins_with_the_queries_of_the_day_after_it():
    known = {date(2026, 3, 30): DayRead(step_seconds=3600), date(2026, 3, 31): DayRead()}
    assert first_step(known, date(2026, 3, 29)) == 3600
    assert first_step(known, date(2026, 3, 31)) == planning.LONGEST
