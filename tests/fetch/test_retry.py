from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fetch import retry
from app.fetch.retry import Again, Expired, Failed
from app.graph.errors import (
    BadResponse,
    Changed,
    Conflict,
    GraphError,
    LoginFailed,
    NotFound,
    Refused,
    Throttled,
    Unavailable,
)

NOW = datetime(2026, 1, 31, 9, 5, tzinfo=UTC)
DAY = timedelta(days=1)
FAR = NOW + 30 * DAY

PASSING = (Unavailable, BadResponse, Changed, LoginFailed, NotFound, Conflict, Throttled, GraphError)


def throttled(retry_after=None):
    error = Throttled("429")
    error.retry_after = retry_after
    return error


errors = st.one_of(
    st.sampled_from([kind("so it is") for kind in (*PASSING, Refused)] + [ValueError("ours"), KeyError("ours")]),
    st.floats(0, 1e300).map(throttled),
)


def pause(error, attempts, **options):
    """How long to wait after that many attempts."""
    decision = retry.after(error, attempts, FAR, NOW, **options)
    assert isinstance(decision, Again)
    return decision.pause.total_seconds()


TABLE = [  # the error, then the seconds to wait after 1, 2, 5, 9 and 50 attempts
    (NotFound("404"), (10, 30, 300, 80 * 60, 6 * 3600)),
    (Unavailable("503"), (1, 3, 60, 900, 900)),
    (BadResponse("cut off"), (1, 3, 60, 900, 900)),
    (Changed("version 2"), (1, 3, 60, 60, 60)),
    (LoginFailed("AADSTS7000215"), (10, 30, 300, 300, 300)),
    (Conflict("409"), (1, 3, 60, 900, 900)),
    (GraphError("?"), (1, 3, 60, 900, 900)),
    (throttled(), (1, 3, 60, 900, 900)),
    (throttled(0), (0, 0, 0, 0, 0)),
    (throttled(17), (17, 17, 17, 17, 17)),
    (throttled(0.5), (0.5, 0.5, 0.5, 0.5, 0.5)),
    (ValueError("ours"), (1, 3, 60, 900, 900)),
]


@pytest.mark.parametrize(("error", "pauses"), TABLE, ids=lambda value: getattr(type(value), "__name__", None))
def test_each_kind_of_error_has_its_pauses(error, pauses):
    assert tuple(pause(error, attempts) for attempts in (1, 2, 5, 9, 50)) == pauses


@pytest.mark.parametrize("attempts", [-1, 0, 1])
def test_an_attempt_that_was_not_counted_is_the_first(attempts):
    assert pause(Unavailable("503"), attempts) == 1


@pytest.mark.parametrize("attempts", [1, 2, 99])
@pytest.mark.parametrize("deadline", [NOW - DAY, NOW, FAR])
def test_a_refusal_fails_at_once(attempts, deadline):
    assert retry.after(Refused("403: no consent"), attempts, deadline, NOW) == Failed("Refused: 403: no consent")


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize(("age", "expired"), [(-DAY, False), (timedelta(microseconds=-1), False), (0 * DAY, True)])
def test_a_row_expires_at_its_deadline_and_not_before(kind, age, expired):
    decision = retry.after(kind("so it is"), 3, NOW - age, NOW)
    assert isinstance(decision, Expired) is expired


def test_what_expired_says_why_it_was_not_collected():
    assert retry.after(NotFound("404"), 9, NOW, NOW).reason == "Graph's 30 days ran out; last: NotFound: 404"


@given(errors, st.integers(-1, 10_000), st.timedeltas(-60 * DAY, 60 * DAY), st.floats(0, 0.999))
def test_whatever_happens_a_pause_is_neither_negative_nor_longer_than_any_row_has(error, attempts, left, spread):
    match retry.after(error, attempts, NOW + left, NOW, spread):
        case Again(wait):
            assert timedelta() <= wait <= 30 * DAY
        case Expired():
            assert left <= timedelta()
        case Failed():
            assert isinstance(error, Refused)


@given(st.floats(0, 10**6), st.integers(1, 50), st.floats(0, 0.999))
def test_graph_is_left_alone_at_least_as_long_as_it_asked(seconds, attempts, spread):
    asked = timedelta(seconds=seconds)
    assert asked.total_seconds() <= pause(throttled(seconds), attempts, spread=spread) <= seconds * 1.2 + 1e-5


@given(errors, st.integers(1, 60), st.floats(0, 0.999))
def test_a_spread_lengthens_a_pause_by_a_fifth_at_most(error, attempts, spread):
    plain, spread_out = (retry.after(error, attempts, FAR, NOW, s) for s in (0.0, spread))
    assert type(spread_out) is type(plain)
    if isinstance(plain, Again):
        most = min(plain.pause * 1.2 + timedelta(microseconds=1), 30 * DAY)
        assert plain.pause <= spread_out.pause <= most


@given(st.sampled_from([NotFound("404"), Unavailable("503"), LoginFailed("401")]), st.integers(1, 60))
def test_pauses_never_become_shorter_with_more_attempts(error, attempts):
    assert pause(error, attempts) <= pause(error, attempts + 1)


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 5), (1, 5), (2, 15), (7, 1440), (99, 1440)])
def test_an_incomplete_record_is_looked_at_again_ever_more_rarely(attempts, minutes):
    assert retry.look_again(attempts, FAR, NOW) == Again(timedelta(minutes=minutes))


@given(st.integers(-1, 10_000), st.timedeltas(-60 * DAY, 60 * DAY), st.floats(0, 0.999))
def test_an_incomplete_record_is_looked_at_until_its_deadline(attempts, left, spread):
    again = retry.look_again(attempts, NOW + left, NOW, spread)
    assert (again is None) == (left <= timedelta())
    assert again is None or timedelta() < again.pause < 30 * DAY


def test_a_mistake_of_ours_is_reported_by_its_kind_because_its_text_may_hold_a_name():
    assert retry.explain(KeyError("Adele Vance")) == "internal error: KeyError"


def test_a_long_reason_is_cut():
    assert len(retry.explain(Refused("x" * 10_000))) == 500


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NotFound("404"), "not_found"),
        (Refused("403"), "refused"),
        (BadResponse("?"), "bad_response"),
        (LoginFailed("401"), "login_failed"),
        (KeyError("Adele Vance"), "internal"),
    ],
)
def test_programs_read_the_kind_of_an_error(error, kind):
    assert retry.kind(error) == kind
