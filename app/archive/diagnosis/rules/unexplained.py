"""Causes for what no end's network explains: by the pattern of the symptoms, and failures by Graph's stage. Pure."""

from collections.abc import Collection
from typing import NamedTuple

from app.archive.diagnosis.symptoms import Symptom


class Cause(NamedTuple):
    """A cause of the table, or one of these. ``advice`` is a sentence that begins with a verb."""

    code: str
    text: str
    advice: str
    shown_by: str = ""


CONGESTION = Cause(
    "congestion",
    "congestion on the line",
    "Check the load of the internet line and give the media of Teams priority (QoS).",
    "packet loss with jitter, and no cause at either end",
)
PACKET_LOSS = Cause(
    "packet_loss",
    "packet loss without jitter",
    "Check the cable, the switch port and the firewall for errors and limits.",
    "packet loss without jitter, and no cause at either end",
)
JITTER = Cause(
    "jitter",
    "uneven arrival of packets",
    "Check other traffic on the same line and give the media of Teams priority (QoS).",
    "jitter without packet loss, and no cause at either end",
)
ROUND_TRIP = Cause(
    "round_trip",
    "long round trip",
    "Check the route to Microsoft: distance, proxy and a local internet breakout.",
    "round trip above the limit without loss and jitter, and no cause at either end",
)
FEW_FRAMES = Cause(
    "few_frames",
    "video frames lost or late",
    "Check the bandwidth and the CPU load of the sender of the video.",
    "frame loss or frame rate beyond the limit, and no cause at either end",
)
SETUP_FAILED = Cause(
    "setup_failed",
    "failure at call setup",
    "Call again; if it repeats, check that UDP ports 3478 to 3481 to Microsoft 365 are open and that the callee"
    " is reachable.",
    "failureInfo with the stage `callSetup`; Graph also reports calls that were only hung up early",
)
DROPPED = Cause(
    "dropped",
    "connection lost during the call",
    "Check the connection of this person at that time: network change, standby of the computer, or VPN.",
    "failureInfo with the stage `midcall`, and no cause at this end",
)
FAILED = Cause(
    "failed",
    "failure at an unknown stage",
    "Call again; if it repeats, report the call id to Microsoft.",
    "failureInfo with another stage or none",
)
REPORTED_ECHO = Cause(
    "reported_echo",
    "echo from another participant",
    "Ask the other participants to use headsets.",
    "the person ticked `Echo` in the rating",
)
NOT_MEASURED = Cause(
    "not_measured",
    "poor rating, nothing measured",
    "Ask what the person noticed and when.",
    "a rating of `bad` or `poor`, and no value beyond a limit",
)
CAUSES = (
    CONGESTION,
    PACKET_LOSS,
    JITTER,
    ROUND_TRIP,
    FEW_FRAMES,
    SETUP_FAILED,
    DROPPED,
    FAILED,
    REPORTED_ECHO,
    NOT_MEASURED,
)


def by_symptoms(symptoms: Collection[Symptom]) -> Cause:
    if "loss" in symptoms:
        return CONGESTION if "jitter" in symptoms else PACKET_LOSS
    if "jitter" in symptoms:
        return JITTER
    return ROUND_TRIP if "delay" in symptoms else FEW_FRAMES
