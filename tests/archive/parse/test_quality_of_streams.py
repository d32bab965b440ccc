import pytest

from app.archive.parse import quality
from app.archive.parse.row import reader
from app.archive.schema import graph_types
from tests.archive.records import a_call_record, a_media, a_segment, a_session, a_stream, kept

UNMEASURED = {
    "packetUtilization": 1200,
    "averageRoundTripTime": None,
    "averageJitter": None,
    "averagePacketLossRate": None,
}


def verdict_on(label, **measured):
    row = reader(graph_types.STREAM_OWN)(UNMEASURED | measured)
    return quality.of_stream(label, dict(zip(graph_types.columns(graph_types.STREAM_OWN), row, strict=True)))


@pytest.mark.parametrize(
    ("label", "measured", "verdict"),
    [
        ("main-audio", {"averageJitter": "PT0.03S"}, ("good", None)),
        ("main-audio", {"averageJitter": "PT0.0301S"}, ("poor", "averageJitter")),
        ("main-audio", {"averageRoundTripTime": "PT0.5S"}, ("good", None)),
        ("main-audio", {"averageRoundTripTime": "PT0.51S"}, ("poor", "averageRoundTripTime")),
        ("main-audio", {"averagePacketLossRate": 0.1}, ("good", None)),
        ("main-audio", {"averagePacketLossRate": 0.11}, ("poor", "averagePacketLossRate")),
        (
            "main-audio",
            {"averageRoundTripTime": "PT1S", "averageJitter": "PT1S"},
            ("poor", "averageRoundTripTime,averageJitter"),
        ),
        ("main-audio", {"averageJitter": "PT1S", "packetUtilization": 500}, ("unknown", None)),
        ("main-audio", {"averageJitter": "PT1S", "packetUtilization": None}, ("unknown", None)),
        ("main-audio", {}, ("unknown", None)),
        ("main-audio", {"averagePacketLossRate": "NaN"}, ("unknown", None)),
        ("main-video", {"averageVideoFrameLossPercentage": 50}, ("good", None)),
        ("main-video", {"averageVideoFrameLossPercentage": 50.1}, ("poor", "averageVideoFrameLossPercentage")),
        ("main-video", {"averageVideoFrameLossPercentage": 1, "averageVideoFrameRate": 1}, ("good", None)),
        ("main-video", {"averageVideoFrameRate": 7}, ("good", None)),
        ("main-video", {"averageVideoFrameRate": 6.9}, ("poor", "averageVideoFrameRate")),
        (
            "panoramic-video",
            {"postForwardErrorCorrectionPacketLossRate": 0.16},
            ("poor", "postForwardErrorCorrectionPacketLossRate"),
        ),
        ("main-video", {}, ("unknown", None)),
        ("applicationsharing-video", {"averageVideoFrameRate": 6.9}, ("good", None)),
        ("applicationsharing-video", {"averageVideoFrameRate": 1.9}, ("poor", "averageVideoFrameRate")),
        ("applicationsharing-video", {}, ("unknown", None)),
        ("data", {"averageJitter": "PT1S"}, ("unknown", None)),
        (None, {"averageJitter": "PT1S"}, ("unknown", None)),
    ],
)
def test_a_stream_is_classified_as_microsoft_does(label, measured, verdict):
    assert verdict_on(label, **measured) == verdict


@pytest.mark.parametrize(
    ("qualities", "together"),
    [(["good", "poor"], "poor"), (["unknown", "good"], "good"), (["unknown"], "unknown"), ([], "unknown")],
)
def test_one_poor_stream_makes_the_whole_poor(qualities, together):
    assert quality.rolled_up(qualities) == together


def test_a_call_is_as_poor_as_its_poorest_stream_and_says_where():
    poor = a_session(segments=[a_segment(media=[a_media(), a_media(streams=[a_stream(averageJitter="PT0.1S")])])])
    record = kept(a_call_record(sessions=[a_session(), poor]))
    assert record.row["quality"] == "poor"
    assert record.row["poor_stream_count"] == 1
    assert [row[-1] for row in record.children["sessions"]] == ["good", "poor"]
    assert [row[-1] for row in record.children["segments"]] == ["good", "poor"]
    assert [row[-1] for row in record.children["media"]] == ["good", "good", "poor"]
    assert [row[-2:] for row in record.children["streams"]][-1] == ("poor", "averageJitter")
