"""Attempts over three days, and pauses for a webhook that fails."""

from datetime import UTC, datetime, timedelta

import pytest

from app.outbound.delivery import outcome, schedule
from app.outbound.sending.answer import Answer

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def attempts(spread):
    """When a delivery that always fails is attempted, from its beginning."""
    age, at = timedelta(), []
    for number in range(1, 100):
        at.append(age)
        pause = schedule.next_attempt(number, age, spread)
        if pause is None:
            return at
        age += pause
    return at


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
def test_the_attempts_of_a_delivery_end_after_three_days(spread):
    at = attempts(spread)
    assert at[-1] == timedelta(days=3)
    assert 9 <= len(at) <= 11
    assert at[1] <= timedelta(seconds=6)
    assert at == sorted(at)


def test_attempts_of_many_deliveries_are_spread():
    assert attempts(0.0)[1:-1] != attempts(1.0)[1:-1]
    assert attempts(0.5)[:5] == [timedelta(seconds=seconds) for seconds in (0, 5, 305, 2105, 9305)]


def test_a_webhook_that_fails_is_asked_at_most_every_five_minutes():
    pauses = [schedule.pause(failures, None, 0.5) for failures in range(1, 40)]
    assert pauses[0] == timedelta(seconds=1)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=5)


def test_the_wait_that_a_receiver_asks_for_is_kept_up_to_a_day():
    assert schedule.pause(1, timedelta(hours=1), 0.5) == timedelta(hours=1)
    assert schedule.pause(1, timedelta(days=30), 0.5) == timedelta(days=1)
    assert schedule.pause(1, timedelta(seconds=-5), 0.5) == timedelta(seconds=1)


ANSWERS = [
    (Answer(200), (None, None, False)),
    (Answer(204), (None, None, False)),
    (Answer(301), ("HTTP 301: a redirect, which is never followed", None, False)),
    (Answer(410), ("HTTP 410: the receiver wants no more events", None, True)),
    (Answer(500), ("HTTP 500", None, False)),
    (Answer(429, "120"), ("HTTP 429", timedelta(seconds=120), False)),
    (Answer(503, "Mon, 02 Mar 2026 08:01:00 GMT"), ("HTTP 503", timedelta(minutes=1), False)),
    (
        Answer(503, "Mon, 02 Mar 2026 09:01:00 GMT", "Mon, 02 Mar 2026 09:00:30 GMT"),
        ("HTTP 503", timedelta(seconds=30), False),
    ),
    (Answer(503, "soon"), ("HTTP 503", None, False)),
    (Answer(503, "9" * 400), ("HTTP 503", None, False)),
    (Answer(503, "-5"), ("HTTP 503", None, False)),
]


@pytest.mark.parametrize(("answer", "meant"), ANSWERS, ids=lambda value: str(value)[:40])
def test_only_2xx_is_success(answer, meant):
    found = outcome.of(answer, NOW)
    assert (found.error, found.retry_after, found.gone) == meant
    assert found.status == answer.status
