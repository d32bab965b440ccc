from datetime import UTC, datetime

import pytest

from app.archive.parse import convert


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT0.016S", 0.016),
        ("PT0S", 0.0),
        ("PT1M", 60.0),
        ("PT1H2M3.5S", 3723.5),
        ("P1D", 86400.0),
        ("P1DT1S", 86401.0),
        ("-PT5S", -5.0),
        ("PT.5S", 0.5),
        ("PT25H61M", 93660.0),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("P1Y", None),
        ("0:00:05", None),
        ("", None),
        ("PT٣S", None),
        (5, None),
        (None, None),
        ("PT" + "9" * 500 + "S", None),
    ],
)
def test_a_duration_is_kept_in_seconds(text, seconds):
    assert convert.seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-02-25T18:52:21.2169889Z", datetime(2020, 2, 25, 18, 52, 21, 216988, UTC)),
        ("2020-02-25T18:52:21Z", datetime(2020, 2, 25, 18, 52, 21, tzinfo=UTC)),
        ("2020-02-25T20:52:21+02:00", datetime(2020, 2, 25, 18, 52, 21, tzinfo=UTC)),
        ("2020-02-25T18:52:21", datetime(2020, 2, 25, 18, 52, 21, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("2020-02-30T00:00:00Z", None),
        ("2020-02-25", None),
        ("yesterday, or T", None),
        (1582656741, None),
        ({}, None),
    ],
)
def test_a_moment_is_kept_in_utc_to_the_microsecond(text, moment):
    assert convert.moment(text) == moment


@pytest.mark.parametrize(
    ("value", "kept"),
    [(7, 7), (0, 0), (-3, -3), (2**63 - 1, 2**63 - 1), (2**63, None), ("7", None), (7.0, None), (True, None)],
)
def test_an_integer_is_kept_if_64_bits_hold_it(value, kept):
    assert convert.integer(value) == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [(0.5, 0.5), (3, 3.0), ("NaN", None), ("INF", None), (float("inf"), None), (10**400, None), (False, None)],
)
def test_a_float_is_kept_if_it_is_finite(value, kept):
    assert convert.number(value) == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [("a b", "a b"), ("é\u200b\n", "é\u200b\n"), ("a\x00b", "a\ufffdb"), ("\ud800", "\ufffd"), (3, None), ([], None)],
)
def test_a_text_loses_only_what_no_database_holds(value, kept):
    assert convert.text(value) == kept


@pytest.mark.parametrize(
    ("value", "kept"), [(["audio"], '["audio"]'), ({}, "{}"), ("audio", None), ([2**70], None), (None, None)]
)
def test_a_list_or_an_object_is_kept_as_json(value, kept):
    assert convert.json(value) == kept
