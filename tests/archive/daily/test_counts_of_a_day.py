"""What a call tells of its streams, and what the calls of a day add up to: pure."""

import orjson
import pytest

from app.archive.daily.sums import Day
from app.archive.schema.dimensions import LONGEST
from tests.archive.records import (
    a_call_record,
    a_media,
    a_segment,
    a_service_endpoint,
    a_session,
    a_stream,
    an_endpoint,
    kept,
)

POOR = a_stream(averageJitter="PT0.2S")
UNKNOWN = a_stream(packetUtilization=1, audioCodec=None)


def counts_of(**media):
    """The tallies of a call between two people, with one media."""
    segment = a_segment(callee=an_endpoint(), media=[a_media(**media)])
    return tallies(a_call_record(sessions=[a_session(segments=[segment])]))


def tallies(record):
    return orjson.loads(kept(record).counts)


def a_network(**changes):
    return {"ipAddress": "10.150.0.2", "connectionType": "wifi", "subnet": "10.150.0.0"} | changes


MEDIA = [
    ({"streams": [a_stream(), POOR, UNKNOWN]}, "all", {"": [3, 2, 1]}),
    ({"streams": [a_stream(), POOR, UNKNOWN]}, "codec", {"satin": [2, 2, 1], "": [1, 0, 0]}),
    ({"callerNetwork": a_network(), "calleeNetwork": a_network()}, "connection_type", {"wifi": [1, 1, 0]}),
    (
        {"callerNetwork": a_network(), "calleeNetwork": a_network(connectionType="wired")},
        "connection_type",
        {"wifi": [1, 1, 0], "wired": [1, 1, 0]},
    ),
    ({"callerNetwork": a_network(), "calleeNetwork": None}, "subnet", {"10.150.0.0": [1, 1, 0]}),
    ({"callerNetwork": a_network(relayIPAddress="192.0.2.1")}, "relay", {"allocated": [1, 1, 0]}),
    ({"callerNetwork": a_network(relayIPAddress="")}, "relay", {"none": [1, 1, 0]}),
    ({"callerNetwork": None}, "relay", {"": [1, 1, 0]}),
    ({"streams": [], "callerNetwork": a_network()}, "connection_type", {"wifi": [0, 0, 0]}),
    (
        {
            "callerDevice": {"captureDeviceName": "Mic"},
            "calleeDevice": {"renderDeviceName": "Ear", "captureDeviceName": ""},
        },
        "device",
        {"Mic": [1, 1, 0], "Ear": [1, 1, 0]},
    ),
    ({"callerDevice": {"captureDeviceName": "x" * 1000}}, "device", {"x" * LONGEST: [1, 1, 0]}),
]


@pytest.mark.parametrize(("media", "dimension", "expected"), MEDIA)
def test_a_stream_counts_once_for_each_value_of_its_ends(media, dimension, expected):
    assert counts_of(**media)[dimension] == expected


def test_a_service_says_nothing_about_those_who_took_part():
    service = a_service_endpoint(userAgent={"role": "mediaController", "applicationVersion": "9"})
    segment = a_segment(callee=service, media=[a_media(callerNetwork=None, calleeNetwork=a_network())])
    found = tallies(a_call_record(sessions=[a_session(callee=service, segments=[segment])]))
    assert found["subnet"] == {"": [1, 1, 0]}
    assert "client_version" not in found or "9" not in found["client_version"]


def test_the_values_of_a_call_are_those_of_its_columns():
    record = kept(a_call_record(sessions=[a_session(segments=[a_segment(media=[a_media(callerNetwork=a_network())])])]))
    found = orjson.loads(record.counts)
    assert (record.row["subnets"], list(found["subnet"])) == ('["10.150.0.0"]', ["10.150.0.0"])
    assert (record.row["platforms"], list(found["platform"])) == ('["windows"]', ["windows"])


def rows_of(*calls):
    day = Day()
    day.add([(tenant, quality, orjson.dumps(found).decode()) for tenant, quality, found in calls])
    return {(row[0], row[2], row[4]): row[5:] for row in day.rows("2026-01-31")}


def test_a_day_adds_up_streams_and_calls_of_each_value():
    one = {"all": {"": [4, 4, 1]}, "platform": {"windows": [4, 4, 1], "iOS": [2, 2, 1]}}
    two = {"all": {"": [2, 0, 0]}, "platform": {"windows": [2, 0, 0]}}
    found = rows_of(("t", "poor", one), ("t", "unknown", two), ("u", "good", two))
    assert found["platform", "t", "windows"] == (6, 4, 1, 2, 1)
    assert found["platform", "t", "iOS"] == (2, 2, 1, 1, 1)
    assert found["platform", "u", "windows"] == (2, 0, 0, 1, 0)
    assert found["all", "t", ""] == (6, 4, 1, 2, 1)


def test_a_call_that_has_no_value_counts_where_none_is_known_and_one_that_has_some_does_not():
    some = {"all": {"": [2, 2, 0]}, "device": {"Mic": [1, 1, 0], "": [1, 1, 0]}}
    none = {"all": {"": [3, 3, 0]}, "device": {"": [3, 3, 0]}}
    found = rows_of(("t", "good", some), ("t", "good", none), ("t", "good", {"all": {"": [0, 0, 0]}}))
    assert found["device", "t", ""] == (4, 4, 0, 2, 0)
    assert found["device", "t", "Mic"] == (1, 1, 0, 1, 0)


def test_positions_are_by_streams_so_that_the_first_are_the_most_frequent():
    day = Day()
    found = {"all": {"": [9, 9, 0]}, "codec": {"a": [1, 1, 0], "b": [8, 8, 0]}}
    day.add([("t", "good", orjson.dumps(found).decode())])
    assert [row[3:5] for row in day.rows("2026-01-31") if row[0] == "codec"] == [(0, "b"), (1, "a")]
