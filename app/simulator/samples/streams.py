"""Streams that are good or poor by the limits of Teams' stream classification:
https://learn.microsoft.com/microsoftteams/stream-classification-in-call-quality-dashboard
"""

from random import Random
from typing import Any

from app.simulator.samples.random_values import between, iso_duration, words

STREAM_KEYS = words(
    "streamId audioCodec videoCodec startDateTime endDateTime streamDirection averageAudioDegradation "
    "averageJitter maxJitter averagePacketLossRate maxPacketLossRate averageRatioOfConcealedSamples "
    "maxRatioOfConcealedSamples averageRoundTripTime maxRoundTripTime packetUtilization "
    "averageBandwidthEstimate wasMediaBypassed postForwardErrorCorrectionPacketLossRate "
    "averageVideoFrameLossPercentage averageReceivedFrameRate lowFrameRateRatio averageVideoPacketLossRate "
    "averageVideoFrameRate lowVideoProcessingCapabilityRatio averageAudioNetworkJitter maxAudioNetworkJitter "
    "averageFreezeDuration rmsFreezeDuration isAudioForwardErrorCorrectionUsed"
)
DIRECTIONS = ("callerToCallee", "calleeToCaller")


def audio_stream(direction: str, times: tuple[str, str], rng: Random, *, poor: bool) -> dict[str, Any]:
    jitter = rng.uniform(0.035, 0.09) if poor else rng.uniform(0.001, 0.012)
    loss = between(rng, 0.12, 0.3, 6) if poor else between(rng, 0, 0.01, 6)
    trip = rng.uniform(0.55, 0.9) if poor else rng.uniform(0.01, 0.09)
    return {
        **blank(direction, times, rng),
        "audioCodec": rng.choice(["satin", "silkWide", "opus"]),
        "averageAudioDegradation": between(rng, 1.1, 2) if poor else None,
        "averageJitter": iso_duration(jitter),
        "maxJitter": iso_duration(jitter * 3),
        "averagePacketLossRate": loss,
        "maxPacketLossRate": round(loss * 2, 6),
        "averageRatioOfConcealedSamples": between(rng, 0.08, 0.2) if poor else between(rng, 0, 0.02),
        "maxRatioOfConcealedSamples": between(rng, 0.2, 0.5) if poor else between(rng, 0.02, 0.05),
        "averageRoundTripTime": iso_duration(trip),
        "maxRoundTripTime": iso_duration(trip * 2),
        "packetUtilization": rng.randrange(4_000, 40_000),
        "averageAudioNetworkJitter": iso_duration(jitter * 2),
        "maxAudioNetworkJitter": iso_duration(jitter * 5),
        "isAudioForwardErrorCorrectionUsed": True,
    }


def video_stream(direction: str, times: tuple[str, str], rng: Random, *, poor: bool) -> dict[str, Any]:
    freeze = rng.uniform(1, 4) if poor else 0.0
    return {
        **blank(direction, times, rng),
        "videoCodec": rng.choice(["h264", "av1"]),
        "averageVideoFrameLossPercentage": between(rng, 55, 90) if poor else between(rng, 0, 5),
        "averageVideoFrameRate": between(rng, 2, 6) if poor else between(rng, 14, 30),
        "averageReceivedFrameRate": between(rng, 2, 6) if poor else between(rng, 14, 30),
        "postForwardErrorCorrectionPacketLossRate": between(rng, 0.2, 0.4) if poor else 0,
        "averageVideoPacketLossRate": between(rng, 0.2, 0.4) if poor else between(rng, 0, 0.01),
        "lowFrameRateRatio": between(rng, 50, 90) if poor else between(rng, 0, 5),
        "lowVideoProcessingCapabilityRatio": 0,
        "averageFreezeDuration": iso_duration(freeze),
        "rmsFreezeDuration": iso_duration(freeze * 2),
        "averageRoundTripTime": iso_duration(rng.uniform(0.01, 0.09)),
        "packetUtilization": rng.randrange(10_000, 90_000),
    }


def sharing_stream(direction: str, times: tuple[str, str], rng: Random, *, poor: bool) -> dict[str, Any]:
    """A shared screen changes rarely: 3 frames per second are good, less than 1 is poor."""
    stream = video_stream(direction, times, rng, poor=poor)
    return {**stream, "averageVideoFrameRate": between(rng, 0.2, 0.9) if poor else between(rng, 3, 8)}


def blank(direction: str, times: tuple[str, str], rng: Random) -> dict[str, Any]:
    return {
        **dict.fromkeys(STREAM_KEYS),
        "streamId": str(rng.getrandbits(32)),
        "startDateTime": times[0],
        "endDateTime": times[1],
        "streamDirection": direction,
        "averageBandwidthEstimate": rng.randrange(200_000, 9_000_000),
        "wasMediaBypassed": False,
    }
