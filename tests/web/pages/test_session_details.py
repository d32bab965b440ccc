"""Causes of poor quality beside Microsoft's thresholds, and caller and callee of a session side by side."""

from collections import Counter

import pytest

from app.archive.diagnosis.symptoms import limit_of
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
from tests.some import some

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
def test_a_value_is_formatted_with_its_unit(value, unit, text):
    assert poor_reasons.format_value(value, unit) == text


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
def test_a_threshold_depends_on_metric_media_and_rule_set(metric, label, rules, limit):
    found = limit_of(metric, label, named(rules))
    assert (found.value if found else None) == limit


def test_the_most_frequent_cause_comes_first():
    first, second, third = poor_reasons.causes(
        [
            Counter({("main-audio", "averageJitter"): 1, ("main-video", "averageVideoFrameRate"): 1}),
            Counter({("main-audio", "averageJitter"): 3, ("main-audio", "somethingNew"): 1}),
        ]
    )
    assert (first.text, first.streams) == ("audio jitter", 4)
    assert {second.text, third.text} == {"video frame rate", "audio somethingNew"}


def test_several_metrics_are_joined():
    assert poor_reasons.due_to("averageJitter,averagePacketLossRate") == "jitter and packet loss"
    assert poor_reasons.due_to("averageRoundTripTime,averageJitter,new") == "round-trip time, jitter and new"
    assert poor_reasons.due_to(None) == ""


async def shown(database, **changes):
    """The session of a call as its page has it."""
    record = a_call_record(sessions=[a_session(**changes)])
    await save(database, record)
    async with database.reading() as db:
        key, _ = await stored_calls.head(db, record["id"])
        return await call_outline.session(db, key, 0)


async def test_metrics_beyond_their_threshold_are_marked(database):
    session = await shown(database, segments=[a_segment(media=[a_media(streams=[a_stream(), POOR])])])
    (segment,) = session_details.segments(session)
    (media,) = segment.media
    poor, good = media.streams
    offending = [head.text for head, cell in zip(media.heads, poor.cells, strict=True) if cell.is_poor]
    assert offending == ["Packet loss", "Jitter"]
    assert (poor.quality, poor.due_to) == ("poor", "packet loss and jitter")
    assert not any(cell.is_poor for cell in some(good.cells))
    assert {head.text: head.limit for head in media.heads}["Packet loss"] == "≤ 10 %"
    assert {head.text: head.graph_name for head in media.heads}["Packet loss"] == "averagePacketLossRate"


async def test_a_metric_that_no_stream_has_takes_no_column(database):
    session = await shown(database, segments=[a_segment(media=[a_media(streams=[a_stream(maxJitter=None)])])])
    ((media,),) = [segment.media for segment in session_details.segments(session)]
    assert "maxJitter" not in {head.graph_name for head in media.heads}


async def test_the_poor_media_come_first(database):
    both = [a_media(label="main-video", streams=[a_stream()]), a_media(streams=[POOR])]
    session = await shown(database, segments=[a_segment(media=both)])
    ((first, second),) = [segment.media for segment in session_details.segments(session)]
    assert (first.kind, first.quality, second.kind) == ("audio", "poor", "video")


async def test_caller_and_callee_are_side_by_side_with_graphs_names_on_hover(database):
    feedback = {"rating": "bad", "text": "It crackled", "tokens": {"NoSound": True, "Echo": False}}
    session = await shown(database, caller=an_endpoint(feedback=feedback), callee=an_endpoint(name="PC-2"))
    lines = {pair.text: pair for pair in session_details.ends(session)}
    assert (lines["Computer"].caller.text, lines["Computer"].callee.text) == ("PC-1", "PC-2")
    assert lines["Client"].caller == ("Windows", "windows")
    assert (lines["Rating"].caller.text, lines["Rating"].callee.text) == ("bad", "not rated")
    assert lines["Reported problems"].caller.text == "no sound"


async def test_a_network_shows_wifi_band_signal_and_trace_route(database):
    hops = [{"hopCount": 1, "ipAddress": "192.0.2.1", "roundTripTime": "PT0.003S"}]
    network = {"wifiBand": "frequency24GHz", "wifiSignalStrength": 24, "relayIPAddress": "", "traceRouteHops": hops}
    session = await shown(database, segments=[a_segment(media=[a_media(callerNetwork=network)])])
    ((media,),) = [segment.media for segment in session_details.segments(session)]
    lines = {pair.text: pair for pair in media.network}
    assert lines["Wi-Fi band"].caller == ("2.4 GHz", "frequency24GHz")
    assert lines["Wi-Fi signal"].caller.text == "24 of 100"
    assert lines["Trace route"].caller.text == "192.0.2.1 (3 ms)"
    assert "Relay IP address" not in lines


async def test_an_outline_counts_poor_streams_by_metric(database):
    await save(database, a_call_record(sessions=[a_session(segments=[a_segment(media=[a_media(streams=[POOR])])])]))
    async with database.reading() as db:
        key, _ = await stored_calls.head(db, a_call_record()["id"])
        (session,) = (await call_outline.outline(db, key)).sessions
    assert session.poor == {("main-audio", "averagePacketLossRate,averageJitter"): 1}
