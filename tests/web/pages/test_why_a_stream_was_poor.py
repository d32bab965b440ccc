"""Why a call was bad, in words beside Microsoft's limits, and both ends of a session side by side."""

from collections import Counter

import pytest

from app.archive.parse.quality_rules import named
from app.archive.queries import call_outline, stored_calls
from app.web.pages.call import poor_reasons, session_details
from tests.archive.records import (
    a_call_record,
    a_media,
    a_segment,
    a_session,
    a_stream,
    an_endpoint,
    save,
)

pytestmark = pytest.mark.anyio
POOR = a_stream(averageJitter="PT0.071S", averagePacketLossRate=0.27)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.687, "s", "687 ms"),
        (75.0, "s", "1 min 15 s"),
        (0.27, "share", "27 %"),
        (0.0084, "share", "0.84 %"),
        (55.25, "percent", "55.2 %"),
        (6.5e6, "bit/s", "6.5 Mbit/s"),
        (2**32 - 1, "link", "\u2013"),
        (1e9, "link", "1.0 Gbit/s"),
        (-19, "dB", "\u221219 dB"),
        (0, "times", "never"),
        (True, "yes", "yes"),
        (None, "share", "\u2013"),
        ("5.1", "", "5.1"),
    ],
)
def test_a_value_has_a_unit_that_people_know(value, unit, text):
    assert poor_reasons.written(value, unit) == text


@pytest.mark.parametrize(
    ("metric", "label", "rules", "limit"),
    [
        ("averageRoundTripTime", "main-audio", "cqd-2024-10", 0.5),
        ("averageRoundTripTime", "main-video", "cqd-2024-10", None),
        ("averageVideoFrameRate", "main-video", "cqd-2024-10", 7.0),
        ("averageVideoFrameRate", "applicationsharing-video", "cqd-2024-10", 1.0),
        ("averageVideoFrameRate", "applicationsharing-video", "cqd-2018", 2.0),
        ("averageVideoFrameLossPercentage", "main-video", "cqd-2024-10", 50.0),
        ("averageAudioDegradation", "main-audio", "cqd-2024-10", None),
        ("averageAudioDegradation", "main-audio", "cqd-2018", 1.0),
        ("somethingNew", "main-audio", "cqd-2024-10", None),
    ],
)
def test_a_limit_is_of_a_metric_and_a_kind_of_media_by_the_rule_set(metric, label, rules, limit):
    found = poor_reasons.limit_of(metric, label, named(rules))
    assert (found.value if found else None) == limit


def test_the_most_frequent_reason_comes_first_with_what_to_look_at():
    first, second, third = poor_reasons.why(
        [
            Counter({("main-audio", "averageJitter"): 1, ("main-video", "averageVideoFrameRate"): 1}),
            Counter({("main-audio", "averageJitter"): 3, ("main-audio", "somethingNew"): 1}),
        ]
    )
    assert (first.text, first.streams) == ("audio jitter", 4)
    assert "wifi" in first.advice
    assert {second.text, third.text} == {"video frame rate", "audio somethingNew"}


def test_several_metrics_are_said_in_one_breath():
    assert poor_reasons.due_to("averageJitter,averagePacketLossRate") == "jitter and packet loss"
    assert poor_reasons.due_to(None) == ""


async def shown(database, **changes):
    """The session of a call as its page has it."""
    record = a_call_record(sessions=[a_session(**changes)])
    await save(database, record)
    async with database.reading() as db:
        return await call_outline.session(db, record["id"], 0)


async def test_the_offending_metrics_are_marked_beside_their_limits(database):
    session = await shown(database, segments=[a_segment(media=[a_media(streams=[a_stream(), POOR])])])
    (segment,) = session_details.segments(session)
    (media,) = segment.media
    poor, good = media.streams
    offending = [head.text for head, cell in zip(media.heads, poor.cells, strict=True) if cell.is_poor]
    assert offending == ["Packet loss", "Jitter"]
    assert (poor.quality, poor.due_to) == ("poor", "packet loss and jitter")
    assert not any(cell.is_poor for cell in good.cells)
    assert {head.text: head.limit for head in media.heads}["Packet loss"] == "≤ 10 %"
    assert {head.text: head.own for head in media.heads}["Packet loss"] == "averagePacketLossRate"


async def test_a_metric_that_no_stream_has_takes_no_column(database):
    session = await shown(database, segments=[a_segment(media=[a_media(streams=[a_stream(maxJitter=None)])])])
    ((media,),) = [segment.media for segment in session_details.segments(session)]
    assert "maxJitter" not in {head.own for head in media.heads}


async def test_the_poor_media_come_first(database):
    both = [a_media(label="main-video", streams=[a_stream()]), a_media(streams=[POOR])]
    session = await shown(database, segments=[a_segment(media=both)])
    ((first, second),) = [segment.media for segment in session_details.segments(session)]
    assert (first.kind, first.quality, second.kind) == ("audio", "poor", "video")


async def test_both_ends_stand_side_by_side_with_graphs_names_to_hover_over(database):
    feedback = {"rating": "bad", "text": "It crackled", "tokens": {"NoSound": True, "Echo": False}}
    session = await shown(database, caller=an_endpoint(feedback=feedback), callee=an_endpoint(name="PC-2"))
    lines = {pair.text: pair for pair in session_details.ends(session)}
    assert (lines["Computer"].caller.text, lines["Computer"].callee.text) == ("PC-1", "PC-2")
    assert lines["Client"].caller == ("Windows", "windows")
    assert (lines["Rated"].caller.text, lines["Rated"].callee.text) == ("bad", "not rated")
    assert lines["Complained of"].caller.text == "no sound"


async def test_a_network_says_wifi_band_signal_and_the_way(database):
    hops = [{"hopCount": 1, "ipAddress": "192.0.2.1", "roundTripTime": "PT0.003S"}]
    network = {"wifiBand": "frequency24GHz", "wifiSignalStrength": 24, "relayIPAddress": "", "traceRouteHops": hops}
    session = await shown(database, segments=[a_segment(media=[a_media(callerNetwork=network)])])
    ((media,),) = [segment.media for segment in session_details.segments(session)]
    lines = {pair.text: pair for pair in media.network}
    assert lines["Wifi band"].caller == ("2.4 GHz", "frequency24GHz")
    assert lines["Wifi signal"].caller.text == "24 of 100"
    assert lines["Route"].caller.text == "192.0.2.1 (3 ms)"
    assert "Relay" not in lines


async def test_an_outline_counts_the_poor_streams_by_what_they_were_due_to(database):
    await save(database, a_call_record(sessions=[a_session(segments=[a_segment(media=[a_media(streams=[POOR])])])]))
    async with database.reading() as db:
        key, _ = await stored_calls.head(db, a_call_record()["id"])
        (session,) = (await call_outline.outline(db, key)).sessions
    assert session.poor == {("main-audio", "averagePacketLossRate,averageJitter"): 1}
