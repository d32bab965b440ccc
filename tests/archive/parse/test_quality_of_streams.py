import pytest

from app.archive.parse import quality
from app.archive.parse.quality import Services
from app.archive.parse.quality_rules import DEFAULT, RULE_SETS
from app.archive.parse.record import RecordBuilder
from app.archive.parse.row import reader
from app.archive.schema import graph_types, tables
from tests.archive.records import (
    CALL,
    NOW,
    TENANT,
    a_call_record,
    a_media,
    a_segment,
    a_service_endpoint,
    a_session,
    a_stream,
    an_endpoint,
    kept,
)
from tests.some import some

UNMEASURED = {
    "packetUtilization": 1200,
    "averageRoundTripTime": None,
    "averageJitter": None,
    "averagePacketLossRate": None,
}
TO_SERVICE = Services(caller=False, callee=True)
FROM_SERVICE = Services(caller=True, callee=False)
BETWEEN_CLIENTS = Services(caller=False, callee=False)
BETWEEN_SERVICES = Services(caller=True, callee=True)

SCREEN = "applicationsharing-video"
LOSS = "averageVideoFrameLossPercentage"
RATE = "averageVideoFrameRate"
FEC = "postForwardErrorCorrectionPacketLossRate"
GOOD, UNKNOWN = ("good", None), ("unknown", None)


def poor(*metrics):
    return "poor", ",".join(metrics)


def verdict_on(label, rules=DEFAULT.name, services=TO_SERVICE, **measured):
    row = reader(graph_types.STREAM_OWN)(UNMEASURED | {"streamDirection": "callerToCallee"} | measured)
    judge = quality.judge_for(label, RULE_SETS[rules], services)
    return judge(dict(zip(graph_types.columns(graph_types.STREAM_OWN), row, strict=True)))


@pytest.mark.parametrize(
    ("label", "measured", "verdict"),
    [
        ("main-audio", {"averageJitter": "PT0.03S"}, GOOD),
        ("main-audio", {"averageJitter": "PT0.0301S"}, poor("averageJitter")),
        ("main-audio", {"averageRoundTripTime": "PT0.5S"}, GOOD),
        ("main-audio", {"averageRoundTripTime": "PT0.51S"}, poor("averageRoundTripTime")),
        ("main-audio", {"averagePacketLossRate": 0.1}, GOOD),
        ("main-audio", {"averagePacketLossRate": 0.11}, poor("averagePacketLossRate")),
        (
            "main-audio",
            {"averageRoundTripTime": "PT1S", "averageJitter": "PT1S"},
            poor("averageRoundTripTime", "averageJitter"),
        ),
        ("main-audio", {"averageJitter": "PT1S", "packetUtilization": 500}, UNKNOWN),
        ("main-audio", {"averageJitter": "PT1S", "packetUtilization": 501}, poor("averageJitter")),
        ("main-audio", {"averageJitter": "PT1S", "packetUtilization": 6000.0}, poor("averageJitter")),
        ("main-audio", {"averageJitter": "PT1S", "packetUtilization": None}, UNKNOWN),
        ("main-audio", {"averageAudioDegradation": 4, "averageRatioOfConcealedSamples": 0.9}, UNKNOWN),
        ("main-audio", {"averageJitter": "PT0S", "averageAudioDegradation": 4}, GOOD),
        ("main-audio", {}, UNKNOWN),
        ("main-audio", {"averagePacketLossRate": "NaN"}, UNKNOWN),
        ("main-video", {LOSS: 50}, GOOD),
        ("main-video", {LOSS: 50.1}, poor(LOSS)),
        ("main-video", {LOSS: 50.1, "packetUtilization": 501}, poor(LOSS)),
        ("main-video", {LOSS: 50.1, "packetUtilization": 500}, UNKNOWN),
        ("main-video", {LOSS: 50.1, "packetUtilization": None}, UNKNOWN),
        ("main-video", {LOSS: 1, RATE: 1}, GOOD),
        ("main-video", {LOSS: "NaN", RATE: 1}, poor(RATE)),
        ("main-video", {RATE: 7}, GOOD),
        ("main-video", {RATE: 6.9}, poor(RATE)),
        ("main-video", {FEC: 0.15}, GOOD),
        ("panoramic-video", {FEC: 0.16}, poor(FEC)),
        ("main-video", {}, UNKNOWN),
        ("data", {"averageJitter": "PT1S"}, UNKNOWN),
        (None, {"averageJitter": "PT1S"}, UNKNOWN),
    ],
)
def test_a_stream_is_classified_as_microsoft_does_since_2024_10(label, measured, verdict):
    assert verdict_on(label, **measured) == verdict


INBOUND = [
    (FROM_SERVICE, "callerToCallee"),
    (TO_SERVICE, "calleeToCaller"),
]
OUTBOUND = [
    (TO_SERVICE, "callerToCallee"),
    (FROM_SERVICE, "calleeToCaller"),
]
EITHER = [
    (BETWEEN_CLIENTS, "callerToCallee"),
    (BETWEEN_CLIENTS, "calleeToCaller"),
    (BETWEEN_SERVICES, "callerToCallee"),
    (TO_SERVICE, None),
    (FROM_SERVICE, "sideways"),
]


@pytest.mark.parametrize(
    ("ways", "measured", "verdict"),
    [
        (INBOUND, {LOSS: 50}, GOOD),
        (INBOUND, {LOSS: 50.1}, poor(LOSS)),
        (INBOUND, {LOSS: 60, RATE: 5}, poor(LOSS)),
        (INBOUND, {LOSS: 60, RATE: 5, "videoCodec": "h264"}, poor(LOSS)),
        (INBOUND, {RATE: 0.1}, UNKNOWN),
        (INBOUND, {FEC: 0.9}, UNKNOWN),
        (INBOUND, {LOSS: 60, RATE: 5, "videoCodec": "h264s"}, GOOD),
        (INBOUND, {LOSS: 1, RATE: 0.9, "videoCodec": "H264S"}, poor(RATE)),
        (INBOUND, {LOSS: 60, "videoCodec": "h264s"}, UNKNOWN),
        (OUTBOUND, {RATE: 0.9}, poor(RATE)),
        (OUTBOUND, {RATE: 1.0}, GOOD),
        (OUTBOUND, {RATE: 1.5}, GOOD),
        (OUTBOUND, {RATE: 1.5, LOSS: 90}, GOOD),
        (OUTBOUND, {LOSS: 90}, UNKNOWN),
        (OUTBOUND, {FEC: 0.9}, UNKNOWN),
        (OUTBOUND, {RATE: 0.9, "packetUtilization": 3}, poor(RATE)),
        (OUTBOUND, {RATE: 0.9, "packetUtilization": None}, poor(RATE)),
        (EITHER, {LOSS: 60, RATE: 5}, poor(LOSS)),
        (EITHER, {LOSS: 1, RATE: 0.5}, GOOD),
        (EITHER, {RATE: 0.5}, poor(RATE)),
        (EITHER, {RATE: 1.0}, GOOD),
        (EITHER, {LOSS: 60, RATE: 5, "videoCodec": "h264s"}, GOOD),
        (EITHER, {FEC: 0.9}, UNKNOWN),
        (EITHER, {}, UNKNOWN),
    ],
)
def test_screen_sharing_is_judged_by_direction_and_codec(ways, measured, verdict):
    for services, direction in some(ways):
        assert verdict_on(SCREEN, services=services, streamDirection=direction, **measured) == verdict


@pytest.mark.parametrize(
    ("rules", "label", "measured", "verdict"),
    [
        ("cqd-2018", "main-audio", {"averageAudioDegradation": 1.0}, GOOD),
        ("cqd-2018", "main-audio", {"averageAudioDegradation": 1.1}, poor("averageAudioDegradation")),
        ("cqd-2018", "main-audio", {"averageRatioOfConcealedSamples": 0.07}, GOOD),
        ("cqd-2018", "main-audio", {"averageRatioOfConcealedSamples": 0.08}, poor("averageRatioOfConcealedSamples")),
        ("cqd-2018", "main-audio", {"averageJitter": "PT1S", "packetUtilization": 500}, UNKNOWN),
        ("cqd-2018", "main-video", {RATE: 6.9, "packetUtilization": 3}, poor(RATE)),
        ("cqd-2018", SCREEN, {RATE: 1.9}, poor(RATE)),
        ("cqd-2018", SCREEN, {RATE: 2.0}, GOOD),
        ("cqd-2018", SCREEN, {LOSS: 60, RATE: 5}, poor(LOSS)),
        ("cqd-2018", SCREEN, {FEC: 0.16}, poor(FEC)),
        ("call-record-insights", "main-audio", {"averageJitter": "PT1S", "packetUtilization": 1000}, UNKNOWN),
        (
            "call-record-insights",
            "main-audio",
            {"averageJitter": "PT1S", "packetUtilization": 1001},
            poor("averageJitter"),
        ),
        ("call-record-insights", "main-audio", {"averageAudioDegradation": 4}, UNKNOWN),
        ("call-record-insights", "main-video", {RATE: 6.9, "packetUtilization": 3}, poor(RATE)),
        ("call-record-insights", SCREEN, {RATE: 1.9}, poor(RATE)),
        ("call-record-insights", SCREEN, {FEC: 0.16}, poor(FEC)),
    ],
)
def test_older_rule_sets_are_as_they_were(rules, label, measured, verdict):
    assert verdict_on(label, rules=rules, **measured) == verdict


def test_the_default_is_the_newest_of_microsofts():
    assert DEFAULT.name == "cqd-2024-10"
    assert list(RULE_SETS) == ["cqd-2024-10", "cqd-2018", "call-record-insights"]


def a_screen_share(caller, callee, **measured):
    stream = a_stream(streamDirection="calleeToCaller", packetUtilization=100, **measured)
    segment = a_segment(caller=caller, callee=callee, media=[a_media(label=SCREEN, streams=[stream])])
    return a_call_record(sessions=[a_session(segments=[segment])])


def streams_of(record):
    names = tables.streams.columns.keys()[1:]
    return [dict(zip(names, row, strict=True)) for row in record.children["streams"]]


@pytest.mark.parametrize(
    ("caller", "callee", "quality"),
    [
        (an_endpoint(), a_service_endpoint(), "poor"),  # towards the client: frame loss
        (a_service_endpoint(), an_endpoint(), "good"),  # towards the service: frame rate
        (None, None, "poor"),  # as the ends of its session
    ],
)
def test_the_ends_of_a_segment_say_which_way_a_screen_is_shared(caller, callee, quality):
    (stream,) = streams_of(kept(a_screen_share(caller, callee, **{LOSS: 60, RATE: 5})))
    assert stream["quality"] == quality


def test_the_rule_set_stands_beside_the_verdict():
    record = a_screen_share(an_endpoint(), an_endpoint(), **{RATE: 1.5})
    builder = RecordBuilder(TENANT, CALL, RULE_SETS["cqd-2018"])
    builder.begin(record)
    old, new = builder.finish(NOW).row, kept(record).row
    assert (old["quality"], old["quality_rules"]) == ("poor", "cqd-2018")
    assert (new["quality"], new["quality_rules"]) == ("good", "cqd-2024-10")


def test_pages_that_start_again_are_judged_by_the_same_rules():
    record = a_screen_share(an_endpoint(), an_endpoint(), **{RATE: 1.5})
    builder = RecordBuilder(TENANT, CALL, RULE_SETS["cqd-2018"])
    builder.begin(record)
    builder.restart_sessions(record["sessions"])
    assert builder.finish(NOW).row["quality"] == "poor"


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
