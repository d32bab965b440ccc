"""What in an end's own network can be the cause: each function returns the values that show it. Pure."""

from collections.abc import Sequence

from app.archive.diagnosis.connection import BAND, BANDS, lowest_signal, lowest_speed, on_wifi
from app.archive.diagnosis.legs import Leg
from app.archive.diagnosis.measured import Measured, Quantity, measured
from app.archive.diagnosis.rules.rule import Find, Found, above, text_of

SLOW_WIFI = 20_000_000  # bit/s
SLOW_CABLE = 10_000_000  # bit/s
LOW_BANDWIDTH = 0.1  # of the call
SLOW_HOP = 0.1  # seconds
CLEAR_CHANNELS = {1, 6, 11}
CHANNELS_OF_24_GHZ = 14
# bit/s: https://learn.microsoft.com/microsoftteams/prepare-network
LEAST_BANDWIDTH = {"audio": 58_000, "video": 150_000, "screen": 200_000}

_ACCESS_POINTS = Quantity("basicServiceSetIdentifier", "access points")
_CHANNEL = Quantity("wifiChannel", "channel")
_CONNECTION = Quantity("connectionType", "connection")
_RELAY = Quantity("relayIPAddress", "relay")
_TRANSPORT = Quantity("networkTransportProtocol", "transport")
_BANDWIDTH_EVENTS = Quantity("bandwidthLowEventRatio", "low bandwidth in", "% of the call", 100)
_ESTIMATE = Quantity("averageBandwidthEstimate", "bandwidth", "kbit/s", 1e-3)
_HOP = Quantity("traceRouteHops", "round trip to the first hop", "ms", 1000)


def two_point_four(legs: Sequence[Leg]) -> Found:
    bands = text_of(on_wifi(legs), "wifi_band")
    return [measured(BAND, BANDS["frequency24GHz"])] if "frequency24GHz" in bands else []


def weak_signal(legs: Sequence[Leg]) -> Found:
    return [one for one in lowest_signal(on_wifi(legs)) if _is_below(one)]


def slow_wifi(legs: Sequence[Leg]) -> Found:
    return [one for one in lowest_speed(on_wifi(legs), SLOW_WIFI) if _is_below(one)]


def slow_cable(legs: Sequence[Leg]) -> Found:
    wired = [leg for leg in legs if leg.network("connection_type") == "wired"]
    return [one for one in lowest_speed(wired, SLOW_CABLE) if _is_below(one, or_at=True)]


def roaming(legs: Sequence[Leg]) -> Found:
    points = text_of(on_wifi(legs), "basic_service_set_identifier")
    return [measured(_ACCESS_POINTS, len(points), 1)] if len(points) > 1 else []


def channel(legs: Sequence[Leg]) -> Found:
    channels = text_of(on_wifi(legs), "wifi_channel") if two_point_four(legs) else []
    overlapping = [one for one in channels if 1 <= one <= CHANNELS_OF_24_GHZ and one not in CLEAR_CHANNELS]
    return [measured(_CHANNEL, str(overlapping[0]))] if overlapping else []


def of_type(wanted: str, text: str) -> Find:
    """Whether an end had this connectionType."""

    def find(legs: Sequence[Leg]) -> Found:
        return [measured(_CONNECTION, text)] if wanted in text_of(legs, "connection_type") else []

    return find


def tcp(legs: Sequence[Leg]) -> Found:
    return [measured(_TRANSPORT, "TCP")] if "tcp" in text_of(legs, "network_transport_protocol") else []


def low_bandwidth(legs: Sequence[Leg]) -> Found:
    events = above(legs, "bandwidth_low_event_ratio", _BANDWIDTH_EVENTS, LOW_BANDWIDTH)
    return events or _low_estimate(legs)


def _low_estimate(legs: Sequence[Leg]) -> Found:
    """An estimate of 0 is what a client reports that did not estimate."""
    found = [
        (stream["average_bandwidth_estimate"], LEAST_BANDWIDTH[leg.kind])
        for leg in legs
        for stream in (*leg.received, *leg.sent)
        if stream["quality"] == "poor" and stream["average_bandwidth_estimate"]
    ]
    return [measured(_ESTIMATE, *one, is_least=True) for one in sorted(found)[:1] if one[0] < one[1]]


def relay(legs: Sequence[Leg]) -> Found:
    """Between two clients: with a service a relay says nothing."""
    between_clients = [leg for leg in legs if not leg.other.is_service]
    return [measured(_RELAY, "allocated")] if text_of(between_clients, "relay_ip_address") else []


def slow_hop(legs: Sequence[Leg]) -> Found:
    first = [hop["round_trip_time"] for leg in legs for hop in leg.hops if hop["hop_count"] == 1]
    slowest = max((time for time in first if time is not None), default=0)
    return [measured(_HOP, slowest, SLOW_HOP)] if slowest > SLOW_HOP else []


def _is_below(one: Measured, *, or_at: bool = False) -> bool:
    if isinstance(one.value, str) or one.limit is None:
        return False
    return one.value <= one.limit if or_at else one.value < one.limit
