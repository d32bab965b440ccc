"""What the subscriptions page says after "Renew now": renewed, created, pending or skipped."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.web.pages.operations.renewal import Renewal, outcome, requested_at, to_parameter

REQUESTED = datetime(2026, 3, 1, 9, tzinfo=UTC)
EXPIRES = REQUESTED + timedelta(days=3)


def minutes(count):
    return REQUESTED + timedelta(minutes=count)


def a_row(created=-600, renewed=None, **changes):
    usual = {"ended_at": None, "subscription_id": "s", "expires_at": EXPIRES, "last_error": None}
    times = {"created_at": minutes(created), "renewed_at": None if renewed is None else minutes(renewed)}
    return SimpleNamespace(**usual | times | changes)


@pytest.mark.parametrize(
    ("rows", "events", "wanted"),
    [
        ([a_row(renewed=1)], [], Renewal("renewed", EXPIRES)),
        ([a_row(created=1)], [], Renewal("created", EXPIRES)),
        ([a_row(renewed=-60)], ["event"], Renewal("pending")),
        ([a_row(renewed=-60, last_error="Graph is down")], ["event"], Renewal("pending", problem="Graph is down")),
        ([a_row(renewed=-5)], [], Renewal("skipped", EXPIRES)),
        ([], ["event"], Renewal("pending")),
        ([a_row(ended_at=minutes(1), last_error="Refused")], ["event"], Renewal("pending", problem="Refused")),
        ([a_row(created=1, subscription_id=None), a_row(renewed=-60)], ["event"], Renewal("pending")),
    ],
)
def test_the_outcome_follows_from_the_rows_and_the_unanswered_events(rows, events, wanted):
    assert outcome(rows, events, REQUESTED) == wanted


def test_the_time_of_a_request_survives_the_redirect():
    at = REQUESTED + timedelta(microseconds=123_457)
    assert requested_at(to_parameter(at)) == at


@pytest.mark.parametrize("text", ["", "soon", "-1", "1" * 30, "१२"])
def test_a_time_that_is_not_a_number_is_none(text):
    assert requested_at(text) is None
