"""What a call tells of its streams, and what calls add up to: pure."""

import orjson
import pytest

from app.archive.daily import contribution
from app.archive.daily.sums import Sums
from app.archive.schema.dimensions import DIMENSIONS, LONGEST
from app.archive.schema.periods import hour_of
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


HOUR = hour_of(kept(a_call_record()).row["ordered_at"])


def a_change(quality, counts, *, tenant="t", sign=1, hour=HOUR, **row):
    """The change that a call with these columns makes."""
    judged = {"quality": quality, "outcome": "answered", "direction": "internal", "pstn": False}  # when it is saved
    row = kept(a_call_record()).row | judged | row
    return tenant, hour, sign, contribution.of(row, orjson.dumps(counts).decode())[1]


def summed(*changes):
    """dimension, tenant and value -> measures, without those of complete calls that only /api/stats shows"""
    sums = Sums()
    sums.add_calls(changes)
    return {(dimension, tenant, value): tuple(row[:5]) for dimension, value, _, tenant, *row in sums.rows()}


def test_streams_and_calls_of_each_value_are_added():
    one = {"all": {"": [4, 4, 1]}, "platform": {"windows": [4, 4, 1], "iOS": [2, 2, 1]}}
    two = {"all": {"": [2, 0, 0]}, "platform": {"windows": [2, 0, 0]}}
    found = summed(a_change("poor", one), a_change("unknown", two), a_change("good", two, tenant="u"))
    assert found["platform", "t", "windows"] == (6, 4, 1, 2, 1)
    assert found["platform", "t", "iOS"] == (2, 2, 1, 1, 1)
    assert found["platform", "u", "windows"] == (2, 0, 0, 1, 0)
    assert found["all", "t", ""] == (6, 4, 1, 2, 1)
    assert found["quality", "t", "unknown"] == (2, 0, 0, 1, 0)


def test_a_call_that_has_no_value_counts_where_none_is_known_and_one_that_has_some_does_not():
    some = {"all": {"": [2, 2, 0]}, "device": {"Mic": [1, 1, 0], "": [1, 1, 0]}}
    none = {"all": {"": [3, 3, 0]}, "device": {"": [3, 3, 0]}}
    found = summed(a_change("good", some), a_change("good", none), a_change("good", {"all": {"": [0, 0, 0]}}))
    assert found["device", "t", ""] == (4, 4, 0, 2, 0)
    assert found["device", "t", "Mic"] == (1, 1, 0, 1, 0)


def test_what_a_call_added_is_subtracted_without_a_rest_by_a_program_with_other_dimensions(monkeypatch):
    counts = {"all": {"": [2, 2, 1]}, "device": {"Mic": [2, 2, 1]}}
    added = a_change("poor", counts, modalities='["audio", 7, "audio", "a\\u0000b"]', participants_seen=None)
    monkeypatch.setitem(DIMENSIONS, "later", ("laters",))
    monkeypatch.delitem(DIMENSIONS, "codec")
    removed = (*added[:2], -1, added[3])
    assert summed(added)["device", "t", "Mic"] == (2, 2, 1, 1, 1)
    assert summed(added, removed) == {}


def test_a_complete_call_counts_under_each_of_its_own_values():
    counts = {"all": {"": [2, 2, 1]}}
    found = summed(a_change("poor", counts, modalities='["audio", 7, "video"]', failed=True, rating=None))
    once = (2, 2, 1, 1, 1)
    assert [value for dimension, _, value in found if dimension == "modality"] == ["audio", "video"]
    assert found["modality", "t", "video"] == found["failed", "t", "true"] == found["rating", "t", ""] == once
    assert found["wifi_band", "t", ""] == (0, 0, 0, 1, 1)


def test_hours_are_added_to_their_days():
    counts = {"all": {"": [1, 1, 0]}}
    sums = Sums()
    sums.add_calls([a_change("good", counts, hour=hour) for hour in (-1, 0, 23, 24)])
    days = {row[2]: row[4] for row in sums.by_day().rows() if row[0] == "all"}
    assert days == {"1969-12-31": 1, "1970-01-01": 2, "1970-01-02": 1}
