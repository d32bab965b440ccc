"""Single values as Graph and its serializers write them."""

from datetime import UTC, datetime

import pytest

from app import wire


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2020-02-25T18:52:21.2169889Z", datetime(2020, 2, 25, 18, 52, 21, 216988, UTC)),
        ("2020-02-25T18:52:21Z", datetime(2020, 2, 25, 18, 52, 21, tzinfo=UTC)),
        ("2020-02-25t18:52:21z", datetime(2020, 2, 25, 18, 52, 21, tzinfo=UTC)),
        ("2020-02-25T20:52:21+02:00", datetime(2020, 2, 25, 18, 52, 21, tzinfo=UTC)),
        ("2020-02-25T18:52:21", datetime(2020, 2, 25, 18, 52, 21, tzinfo=UTC)),
        ("2020-02-30T00:00:00Z", None),
        ("2020-02-25", None),
        ("yesterday, or T", None),
        (1582656741, None),
        ({}, None),
        (None, None),
        ("2020-02-25T18:52:21Z" + " " * 100, None),
    ],
)
def test_a_time_is_read_in_utc_to_the_microsecond(written, moment):
    assert wire.moment(written) == moment


@pytest.mark.parametrize(
    "written",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00.0000000Z",
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00-08:00",
        "0001-01-01T00:00:00+14:00",
        "1601-01-01T00:00:00Z",
        "1753-01-01T00:00:00Z",
        "1900-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2262-04-11T23:47:16.854775807Z",
        "9999-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59.9999999-12:00",
        "9999-12-31T24:00:00Z",
    ],
)
def test_a_time_that_stands_for_unknown_is_unknown(written):
    assert wire.moment(written) is None


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-01T24:00:00Z", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-01T24:00:00.0000000Z", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-12-31T24:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-03-01T24:00:00+02:00", datetime(2026, 3, 1, 22, tzinfo=UTC)),
        ("2026-03-01T24:00:01Z", None),
        ("2026-03-01T24:30:00Z", None),
        ("2026-03-01T25:00:00Z", None),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60.5Z", datetime(2017, 1, 1, 0, 0, 0, 500000, UTC)),
        ("2026-03-01T10:20:60.0000000Z", datetime(2026, 3, 1, 10, 21, tzinfo=UTC)),
        ("2026-03-01T10:20:61Z", None),
        ("2026-03-01T10:60:00Z", None),
    ],
)
def test_midnight_as_24_00_and_the_second_60_are_times(written, moment):
    assert wire.moment(written) == moment


@pytest.mark.parametrize(
    ("value", "integer"),
    [
        (7, 7),
        (0, 0),
        (-3, -3),
        (6000.0, 6000),
        (1e3, 1000),
        (-0.0, 0),
        ("6000", 6000),
        ("-6000", -6000),
        ("6000.0", 6000),
        ("6e3", 6000),
        ("9007199254740993", 9007199254740993),
        (2**63 - 1, 2**63 - 1),
        (str(2**63 - 1), 2**63 - 1),
        (-(2**63), -(2**63)),
        (2**63, None),
        (str(2**63), None),
        (2.0**63, None),
        (1e300, None),
        (6000.5, None),
        ("6000.5", None),
        (float("nan"), None),
        (float("inf"), None),
        ("NaN", None),
        ("INF", None),
        ("", None),
        (" 6000", None),
        ("6_000", None),
        ("6,000", None),
        ("٦", None),
        ("0x10", None),
        ("9" * 5000, None),
        (True, None),
        (False, None),
        (None, None),
        ([7], None),
    ],
)
def test_an_integer_is_read_however_it_is_written_if_64_bits_hold_it(value, integer):
    found = wire.integer(value)
    assert found == integer
    assert type(found) is type(integer)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0.5, 0.5),
        (3, 3.0),
        (1e3, 1000.0),
        ("0.5", 0.5),
        ("3", 3.0),
        ("-1.5E-3", -0.0015),
        ("NaN", None),
        ("INF", None),
        ("-INF", None),
        ("Infinity", None),
        ("1e999", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        ("1_0.5", None),
        (" 0.5", None),
        ("", None),
        (False, None),
        (None, None),
        ({}, None),
    ],
)
def test_a_number_is_read_however_it_is_written_if_it_is_finite(value, number):
    found = wire.number(value)
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize(
    ("value", "boolean"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("False", False),
        ("yes", None),
        ("", None),
        (1, None),
        (0, None),
        (None, None),
        ([], None),
    ],
)
def test_a_boolean_is_read_however_it_is_written(value, boolean):
    assert wire.boolean(value) is boolean


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": [1, null]}', {"a": [1, None]}),
        (rb'{"name": "cut \ud83d"}', {"name": "cut \ud83d"}),
        (b"18446744073709551615", 2**64 - 1),
    ],
)
def test_json_is_read_with_halves_of_surrogate_pairs_too(text, value):
    assert wire.parsed(text) == value


@pytest.mark.parametrize("text", [b"", b"<html>", b'{"a": }', b"[" * 100_000])
def test_what_is_no_json_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        wire.parsed(text)
