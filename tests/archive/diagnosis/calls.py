"""Calls of Ada and Bea, made from records of the simulator: good and on a cable, until a test changes them."""

from datetime import UTC, datetime

from app.simulator.records import a_call_record

CABLE = {"connectionType": "wired", "linkSpeed": 1_000_000_000, "traceRouteHops": []}
WIFI = {"connectionType": "wifi", "traceRouteHops": [], "basicServiceSetIdentifier": "02-1A-00-00-5E-10"}
WIFI_24 = WIFI | {
    "wifiBand": "frequency24GHz",
    "wifiSignalStrength": 24,
    "linkSpeed": 6_500_000,
    "wifiChannel": 6,
}
WIFI_5 = WIFI | {
    "wifiBand": "frequency50GHz",
    "wifiSignalStrength": 90,
    "linkSpeed": 526_500_000,
    "wifiChannel": 36,
}
UNREPORTED = {
    "connectionType": "unknown",
    "wifiBand": "unknown",
    "ipAddress": None,
    "subnet": None,
    "linkSpeed": None,
    "traceRouteHops": [],
}
LOSS = {"averagePacketLossRate": 0.27}
JITTER = {"averageJitter": "PT0.045S"}
DELAY = {"averageRoundTripTime": "PT0.64S"}
GOOD = {
    "packetUtilization": 9_000,
    "averagePacketLossRate": 0.001,
    "averageJitter": "PT0.004S",
    "averageRoundTripTime": "PT0.03S",
    "averageBandwidthEstimate": 2_000_000,
}
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
NAMES = ("Ada Ashgrove", "Bea Birkwood")


def a_call(*, ada=None, bea=None, to_ada=None, to_bea=None, ada_device=None, bea_device=None, meeting=False, **options):
    """``ada``, ``bea``: networks; ``to_ada``, ``to_bea``: the streams that each received.

    In a ``meeting`` Ada alone is connected, to a service of Microsoft, so ``bea`` is without effect.
    """
    recipe = {"type": "groupCall", "participants": 1, "sessions": 1} if meeting else {}
    record = a_call_record(**{"seed": 1, "start": START} | recipe | options)
    for session in record["sessions"]:
        for place, part in enumerate([session, *session["segments"]]):
            for side, name in zip(("caller", "callee"), NAMES, strict=True):
                if "associatedIdentity" in part[side]:
                    identity = part[side]["associatedIdentity"]
                    part[side] = part[side] | {"associatedIdentity": identity | {"displayName": name}}
            for media in part["media"] if place else ():
                change(media, "caller", ada, ada_device, to_ada)
                change(media, "callee", None if meeting else bea, bea_device, to_bea, is_service=meeting)
    return record


def change(media, side, network, device, received, *, is_service=False):
    if not is_service:
        known = media[f"{side}Network"] | {"wifiBand": "unknown", "wifiSignalStrength": None, "linkSpeed": None}
        media[f"{side}Network"] = known | (CABLE if network is None else network)
        media[f"{side}Device"] = media[f"{side}Device"] | (device or {})
    direction = "calleeToCaller" if side == "caller" else "callerToCallee"
    for stream in media["streams"]:
        if stream["streamDirection"] == direction:
            stream.update((GOOD if media["label"].endswith("audio") else {}) | (received or {}))


def only_media(record):
    (session,) = record["sessions"]
    (segment,) = session["segments"]
    return segment["media"][0]


def fail(record, stage, reason="The network was lost.", *, on=("session", "segment")):
    """A failureInfo on the first session, on its segment, or on both."""
    session = record["sessions"][0]
    for name, part in (("session", session), ("segment", session["segments"][0])):
        part["failureInfo"] = {"stage": stage, "reason": reason} if name in on else None
    return record


def rate(record, rating, *, by="caller", **tokens):
    for part in (record["sessions"][0], *record["sessions"][0]["segments"]):
        part[by] = part[by] | {"feedback": {"rating": rating, "text": None, "tokens": tokens}}
    return record
