"""What counts as wrong, and what does not: a line for each case."""

from datetime import UTC, datetime, timedelta

import pytest

from app.health.inbox_risks import Risks
from app.health.rules import REASONS, reasons
from app.health.tenant import Tenant
from app.inbox.rows import Depth

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
S, M, H, D = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIFE = 70 * H
GOOD = {"subscription_id": "s", "subscribed_at": NOW - D, "renewed_at": NOW - D, "expires_at": NOW - D + LIFE}


def wrong(**values):
    return [(reason.reason, reason.tenant_id) for reason in reasons(Tenant("t", **{**GOOD, **values}), NOW)]


def detail(**values):
    (reason,) = reasons(Tenant("t", **{**GOOD, **values}), NOW)
    return reason.detail


def aged(left, *, renewed=True):
    """A subscription of 70 hours with so much left."""
    began = NOW + left - LIFE
    return {"expires_at": NOW + left, "subscribed_at": began, "renewed_at": began if renewed else None}


def test_a_tenant_with_a_subscription_and_nothing_to_do_is_good():
    assert wrong() == []


def test_every_reason_is_one_that_was_promised():
    promised = ("database", "migration", "storing", "subscription", "renewal", "collecting", "silence", "deadline")
    assert promised == REASONS


@pytest.mark.parametrize(
    ("problem", "left", "expected"),
    [
        (None, 40 * H, []),
        ("refused", 47 * H, []),  # renewal has only begun to be due
        ("refused", 36 * H, []),
        ("refused", 34 * H, ["renewal"]),
        (None, 34 * H, []),  # once a day is often enough
        (None, 24 * H, []),
        (None, 23 * H, ["renewal"]),  # nobody even tries
        ("refused", 1 * M, ["renewal"]),
    ],
)
@pytest.mark.parametrize("renewed", [True, False])
def test_a_renewal_that_fails_is_reported_while_there_is_time(problem, left, expected, renewed):
    assert [name for name, _ in wrong(problem=problem, **aged(left, renewed=renewed))] == expected


def test_a_short_subscription_that_is_renewed_in_time_is_good():
    assert wrong(renewed_at=NOW - 10 * M, expires_at=NOW + 35 * M) == []


def test_a_renewal_tells_how_long_is_left_and_why_it_fails():
    assert detail(problem="consent is missing", **aged(20 * H)).endswith(
        "expires in 20 h and is not renewed: consent is missing"
    )
    assert "no process has renewed it for 2 d 2 h" in detail(**aged(20 * H))


@pytest.mark.parametrize(
    ("due", "risks", "stored_at", "expected"),
    [
        (59 * M, Risks(), None, False),
        (61 * M, Risks(), None, True),
        (61 * M, Risks(), NOW, True),  # it does not keep up
        (None, Risks(stuck=1, stuck_since=NOW - 25 * H), NOW, True),
        (None, Risks(absent=9, absent_since=NOW - 25 * H), NOW - H, False),  # others come: Graph is late with these
        (None, Risks(absent=5, absent_since=NOW - 25 * H), NOW - 25 * H, True),
        (None, Risks(absent=5, absent_since=NOW - 25 * H), None, True),
        (None, Risks(absent=4, absent_since=NOW - 25 * H), NOW - 25 * H, False),  # calls of bots on a weekend
        (None, Risks(absent=1, absent_since=NOW - 29 * D), None, False),
        (None, Risks(refused_since=NOW - 2 * H, refused_at=NOW - M), NOW - 3 * H, True),
        (None, Risks(refused_since=NOW - 2 * H, refused_at=NOW - M), None, True),
        (None, Risks(refused_since=NOW - 2 * H, refused_at=NOW - M), NOW - 2 * M, False),  # not all are refused
        (None, Risks(refused_since=NOW - 2 * H, refused_at=NOW - H), NOW - S, False),
        (None, Risks(refused_since=NOW - M, refused_at=NOW - M), None, False),
    ],
)
def test_records_that_are_not_collected_are_reported_and_late_ones_are_not(due, risks, stored_at, expected):
    depth = Depth(due=1, oldest_due=due and NOW - due)
    assert wrong(depth=depth, risks=risks, stored_at=stored_at) == [("collecting", "t")] * expected


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"stored_at": None}, "is a worker running?"),
        ({"stored_at": NOW - 5 * M}, "run more workers"),
        ({"throttled_until": NOW + 7 * M}, "throttles requests for another 7 min"),
    ],
)
def test_an_old_row_is_reported_with_what_to_do(values, said):
    reported = detail(depth=Depth(due=3, oldest_due=NOW - 90 * M), **values)
    assert reported.startswith("a record has been due for 1 h 30 min: ")
    assert said in reported


SILENT = {
    "subscribed_at": NOW - 9 * D,
    "notified_at": NOW - 15 * H,
    "unnotified_since": NOW - 14 * H,
    "unnotified_calls": 7,
    "normal_silence": 12 * H,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"notified_at": None}, True),  # never was one
        ({"normal_silence": 14 * H}, False),  # a night
        ({"normal_silence": None}, False),  # no sweep has come to its end
        ({"unnotified_since": None, "unnotified_calls": 0}, False),  # no call, no notification
        ({"unnotified_since": NOW - 2 * H}, False),  # the first call after a weekend; its notification may come yet
        ({"unnotified_calls": 1}, False),  # one was lost before a quiet weekend
        ({"notified_at": NOW - 13 * H}, False),  # told since
        ({"subscribed_at": NOW - 13 * H, "notified_at": None}, False),  # what was before it could not be told
        ({"subscribed_at": NOW - M}, False),  # made anew
    ],
)
def test_silence_is_reported_when_calls_go_on_and_notifications_do_not(changes, expected):
    assert wrong(**{**SILENT, **changes}) == [("silence", "t")] * expected


def test_silence_is_reported_with_how_long_what_is_normal_and_how_many_calls():
    reported = detail(**SILENT)
    assert all(
        said in reported
        for said in ("for 15 h", "found 7 calls", "at most 12 h between", "callkeeper doctor", "PUBLIC_URL")
    )


def test_a_deadline_is_reported_for_what_is_due_and_for_what_failed():
    due = detail(risks=Risks(ending=1, first_end=NOW + 4 * D))
    assert "1 record missing from the archive, the first in 4 d" in due
    failed = detail(risks=Risks(failed_ending=2, first_failed_end=NOW + H))
    assert "2 records that failed, the first in 1 h" in failed
    assert "inbox retry --all-failed" in failed


def test_each_thing_wrong_is_reported_and_without_a_subscription_no_renewal_or_silence():
    values = SILENT | {"depth": Depth(due=1, oldest_due=NOW - D), "risks": Risks(ending=1, first_end=NOW)}
    names = [name for name, _ in wrong(**{**values, "expires_at": None, "subscribed_at": None, "renewed_at": None})]
    assert names == ["subscription", "collecting", "deadline"]
