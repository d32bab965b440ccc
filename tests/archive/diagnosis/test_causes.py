"""The table of causes: for each call who is affected, why, on whose side, and how certain that is."""

import pytest

from tests.archive.diagnosis.calls import (
    CABLE,
    DELAY,
    JITTER,
    LOSS,
    UNREPORTED,
    WIFI_5,
    WIFI_24,
    a_call,
    fail,
    only_media,
    rate,
)
from tests.archive.diagnosis.detail import diagnosed

ADA, BEA = "Ada Ashgrove", "Bea Birkwood"
FEW_FRAMES = {"averageVideoFrameLossPercentage": None, "averageVideoFrameRate": 4}
SLOW_HOP = {"hopCount": 1, "ipAddress": "192.0.2.1", "roundTripTime": "PT0.15S"}


def two_access_points():
    record = a_call(ada=WIFI_5, to_ada=LOSS, segments=2)
    first = record["sessions"][0]["segments"][0]["media"][0]
    first["callerNetwork"] = first["callerNetwork"] | {"basicServiceSetIdentifier": "02-1A-00-00-5E-99"}
    return record


def first_wifi_then_cable(*, poor_on):
    """Two sessions of a meeting: the first on Wi-Fi, the second on a cable."""
    record = a_call(meeting=True, sessions=2)
    for session, network, name in zip(record["sessions"], (WIFI_24, CABLE), ("wifi", "cable"), strict=True):
        media = session["segments"][0]["media"][0]
        media["callerNetwork"] = media["callerNetwork"] | network
        for stream in media["streams"]:
            stream.update(LOSS if name == poor_on else {})
    return record


def back_again():
    """Two sessions of a meeting; the first broke off, the second began a little later."""
    return fail(a_call(meeting=True, sessions=2), "midcall")


def without_direction():
    record = a_call(ada=WIFI_24, to_ada=LOSS)
    for stream in only_media(record)["streams"]:
        stream["streamDirection"] = None
    return record


# What is the matter with the call, and for each person affected: cause, side, confidence.
CASES = {
    "nothing is poor": (a_call(ada=WIFI_24), {}),
    "weak Wi-Fi of the one who received it": (
        a_call(ada=WIFI_24, to_ada=LOSS),
        {ADA: ("wifi_2_4_ghz", "own", "high")},
    ),
    "weak Wi-Fi of the one who sent it": (
        a_call(ada=WIFI_24, to_bea=LOSS),
        {ADA: ("wifi_2_4_ghz", "own", "high"), BEA: ("wifi_2_4_ghz", "other_end", "high")},
    ),
    "weak Wi-Fi, poor in both directions": (
        a_call(ada=WIFI_24, to_ada=LOSS, to_bea=LOSS),
        {ADA: ("wifi_2_4_ghz", "own", "high"), BEA: ("wifi_2_4_ghz", "other_end", "high")},
    ),
    "weak Wi-Fi of the callee": (
        a_call(bea=WIFI_24, to_bea=JITTER),
        {BEA: ("wifi_2_4_ghz", "own", "high")},
    ),
    "weak Wi-Fi at both ends": (
        a_call(ada=WIFI_24, bea=WIFI_24, to_ada=LOSS),
        {ADA: ("wifi_2_4_ghz", "both", "medium")},
    ),
    "2.4 GHz with a strong signal": (
        a_call(ada=WIFI_5 | {"wifiBand": "frequency24GHz", "wifiChannel": 6}, to_ada=LOSS),
        {ADA: ("wifi_2_4_ghz", "own", "medium")},
    ),
    "5 GHz with a weak signal": (
        a_call(ada=WIFI_5 | {"wifiSignalStrength": 49}, to_ada=LOSS),
        {ADA: ("wifi_weak_signal", "own", "high")},
    ),
    "5 GHz with a signal at the limit": (
        a_call(ada=WIFI_5 | {"wifiSignalStrength": 50}, to_ada=LOSS),
        {ADA: ("wifi", "own", "low")},
    ),
    "a signal of zero is unknown": (
        a_call(ada=WIFI_5 | {"wifiSignalStrength": 0}, to_ada=LOSS),
        {ADA: ("wifi", "own", "low")},
    ),
    "5 GHz with a slow link": (
        a_call(ada=WIFI_5 | {"linkSpeed": 19_900_000}, to_ada=LOSS),
        {ADA: ("wifi_slow_link", "own", "high")},
    ),
    "a link speed that a client does not know": (
        a_call(ada=WIFI_5 | {"linkSpeed": 4_294_967_295}, to_ada=LOSS),
        {ADA: ("wifi", "own", "low")},
    ),
    "another access point in the middle": (two_access_points(), {ADA: ("wifi_roaming", "own", "medium")}),
    "a mobile network": (
        a_call(ada=CABLE | {"connectionType": "mobile"}, to_ada=JITTER),
        {ADA: ("cellular", "own", "medium")},
    ),
    "a VPN": (a_call(ada=CABLE | {"connectionType": "tunnel"}, to_ada=DELAY), {ADA: ("vpn", "own", "medium")}),
    "TCP on a cable": (
        a_call(ada=CABLE | {"networkTransportProtocol": "tcp"}, to_ada=DELAY),
        {ADA: ("tcp", "own", "high")},
    ),
    "low bandwidth in a tenth of the call": (
        a_call(ada=CABLE | {"bandwidthLowEventRatio": 0.1}, to_ada=LOSS),
        {ADA: ("low_bandwidth", "own", "high")},
    ),
    "low bandwidth for a moment": (
        a_call(ada=CABLE | {"bandwidthLowEventRatio": 0.09}, to_ada=LOSS),
        {ADA: ("packet_loss", "unknown", "low")},
    ),
    "a bandwidth estimate below what audio needs": (
        a_call(ada=WIFI_5, to_ada=LOSS | {"averageBandwidthEstimate": 40_000}, meeting=True),
        {ADA: ("low_bandwidth", "own", "high")},
    ),
    "no bandwidth estimate": (
        a_call(to_ada=LOSS | {"averageBandwidthEstimate": 0}),
        {ADA: ("packet_loss", "unknown", "low")},
    ),
    "a cable of 10 Mbit/s": (
        a_call(ada=CABLE | {"linkSpeed": 10_000_000}, to_ada=LOSS),
        {ADA: ("slow_cable", "own", "medium")},
    ),
    "a slow first hop": (
        a_call(ada=CABLE | {"traceRouteHops": [SLOW_HOP]}, to_ada=DELAY),
        {ADA: ("slow_first_hop", "own", "high")},
    ),
    "a slow first hop explains no loss": (
        a_call(ada=CABLE | {"traceRouteHops": [SLOW_HOP]}, to_ada=LOSS),
        {ADA: ("packet_loss", "unknown", "low")},
    ),
    "a relay between two clients": (
        a_call(ada=CABLE | {"relayIPAddress": "203.0.113.9"}, to_ada=DELAY),
        {ADA: ("relay", "own", "low")},
    ),
    "a relay to a service says nothing": (
        a_call(ada=CABLE | {"relayIPAddress": "203.0.113.9"}, to_ada=DELAY, meeting=True),
        {ADA: ("round_trip", "own", "medium")},
    ),
    "loss and jitter on cables": (a_call(to_ada=LOSS | JITTER), {ADA: ("congestion", "unknown", "low")}),
    "jitter on cables": (a_call(to_ada=JITTER), {ADA: ("jitter", "unknown", "low")}),
    "a long round trip on cables": (
        a_call(to_ada=DELAY, to_bea=DELAY),
        {ADA: ("round_trip", "unknown", "low"), BEA: ("round_trip", "unknown", "low")},
    ),
    "loss to a service, on a cable": (a_call(to_bea=LOSS, meeting=True), {ADA: ("packet_loss", "own", "medium")}),
    "no telemetry of either end": (
        a_call(ada=UNREPORTED, bea=UNREPORTED, to_ada=LOSS),
        {ADA: ("packet_loss", "unknown", "low")},
    ),
    "a VPN at the other end, no telemetry here": (
        a_call(ada=UNREPORTED, bea=CABLE | {"connectionType": "tunnel"}, to_ada=LOSS),
        {ADA: ("vpn", "other_end", "medium"), BEA: ("vpn", "own", "medium")},
    ),
    "500 packets are not rated": (a_call(ada=WIFI_24, to_ada=LOSS | {"packetUtilization": 500}), {}),
    "a loss at the limit is good": (a_call(ada=WIFI_24, to_ada={"averagePacketLossRate": 0.1}), {}),
    "an unknown direction counts at both ends": (
        without_direction(),
        {ADA: ("wifi_2_4_ghz", "own", "high"), BEA: ("wifi_2_4_ghz", "other_end", "high")},
    ),
    "poor on Wi-Fi, then good on a cable": (
        first_wifi_then_cable(poor_on="wifi"),
        {ADA: ("wifi_2_4_ghz", "own", "high")},
    ),
    "good on Wi-Fi, then poor on a cable": (
        first_wifi_then_cable(poor_on="cable"),
        {ADA: ("packet_loss", "own", "medium")},
    ),
    "few frames and a busy CPU": (
        a_call(ada=WIFI_24, ada_device={"cpuInsufficentEventRatio": 0.4}, video=True, meeting=True, to_bea=FEW_FRAMES),
        {ADA: ("cpu_shortage", "own", "high")},
    ),
    "few frames on a cable": (
        a_call(video=True, meeting=True, to_ada=FEW_FRAMES),
        {ADA: ("few_frames", "own", "medium")},
    ),
    "a microphone not working in 0.5 % of the call": (
        a_call(ada_device={"captureNotFunctioningEventRatio": 0.005}),
        {ADA: ("microphone_not_working", "own", "high")},
    ),
    "a microphone not working in 0.4 % of the call": (
        a_call(ada_device={"captureNotFunctioningEventRatio": 0.004}),
        {},
    ),
    "a speaker not working, in a meeting": (
        a_call(ada_device={"renderNotFunctioningEventRatio": 0.3}, meeting=True),
        {ADA: ("speaker_not_working", "own", "high")},
    ),
    "howling": (a_call(bea_device={"howlingEventCount": 1}), {BEA: ("echo", "own", "high")}),
    "gaps in the sound": (
        a_call(bea_device={"deviceGlitchEventRatio": 0.2}),
        {BEA: ("device_glitches", "own", "high")},
    ),
    "a speaker at zero, in a one-to-one call": (
        a_call(ada_device={"renderZeroVolumeEventRatio": 1}),
        {ADA: ("speaker_at_zero", "own", "high")},
    ),
    "a speaker at zero, in a meeting": (a_call(ada_device={"renderZeroVolumeEventRatio": 1}, meeting=True), {}),
    "a speaker at zero, in a meeting that was rated bad": (
        rate(a_call(ada_device={"renderZeroVolumeEventRatio": 1}, meeting=True), "bad"),
        {ADA: ("speaker_at_zero", "own", "high")},
    ),
    "a muted listener who rated the call bad": (
        rate(a_call(to_bea=LOSS | {"packetUtilization": 40}), "bad"),
        {ADA: ("muted_microphone", "own", "medium")},
    ),
    "a bad rating and nothing measured": (rate(a_call(), "poor"), {ADA: ("not_measured", "unknown", "low")}),
    "a bad rating for echo": (rate(a_call(), "bad", Echo=True), {ADA: ("reported_echo", "other_end", "low")}),
    "a fair rating": (rate(a_call(), "fair"), {}),
    "a failure at setup is the caller's": (a_call(failed=True), {ADA: ("setup_failed", "unknown", "medium")}),
    "a failure at setup without a reason": (
        fail(a_call(failed=True), "callSetup", None),
        {ADA: ("setup_failed", "unknown", "low")},
    ),
    "a connection lost on cables": (
        fail(a_call(), "midcall"),
        {ADA: ("dropped", "unknown", "medium"), BEA: ("dropped", "unknown", "medium")},
    ),
    "a connection lost on weak Wi-Fi": (
        fail(a_call(ada=WIFI_24), "midcall"),
        {ADA: ("wifi_2_4_ghz", "own", "medium"), BEA: ("dropped", "unknown", "medium")},
    ),
    "a failure on the session alone": (
        fail(a_call(meeting=True), "midcall", on=("session",)),
        {ADA: ("dropped", "unknown", "medium")},
    ),
    "a failure at a stage that Graph does not name": (
        fail(a_call(meeting=True), "unknown", ""),
        {ADA: ("failed", "unknown", "low")},
    ),
    "poor, then lost": (
        fail(a_call(ada=WIFI_24, to_ada=LOSS, meeting=True), "midcall"),
        {ADA: ("wifi_2_4_ghz", "own", "high")},
    ),
    "lost, and back again": (back_again(), {ADA: ("dropped", "unknown", "medium")}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_cause_is_chosen_from_what_was_measured(case):
    record, expected = CASES[case]
    found = {
        one.person.identity["display_name"]: (one.verdict.cause.cause.code, one.verdict.side, one.verdict.confidence)
        for one in diagnosed(record)
    }
    assert found == expected
