"""A call's devices and networks, and the quality of the streams sent or received with them: gathered once, when the
record is read, because statistics and filters would otherwise read every session, media and stream of a month.

A stream counts once for each value that the ends of its media have. What only one of two ends had is its value, too:
Graph measures a stream between both and does not say whose fault it was. A service's network, device and version
count for nothing: they say nothing about those who took part.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

import orjson

from app.archive.parse.quality import Quality
from app.archive.schema import graph_types
from app.archive.schema.dimensions import LONGEST, OF_DOCUMENT

END = ("type", "user_agent_platform", "user_agent_product_family", "user_agent_application_version")
NETWORK = ("connection_type", "wifi_band", "subnet", "network_transport_protocol", "relay_ip_address")
DEVICE = ("capture_device_name", "render_device_name")
"""The columns that matter here, of an end of a session or segment and of its network and device in a media."""

of_end = itemgetter(*map(graph_types.columns(graph_types.ENDPOINT).index, END))
of_network = itemgetter(*map(graph_types.columns(graph_types.NETWORK).index, NETWORK))
of_device = itemgetter(*map(graph_types.columns(graph_types.DEVICE).index, DEVICE))
of_stream = itemgetter(*map(graph_types.columns(graph_types.STREAM_OWN).index, ("audio_codec", "video_codec")))

Value = str | None
Values = Sequence[Value]

_OF_NETWORK = ("connection_type", "wifi_band", "subnet", "transport")  # the dimensions of NETWORK, in its order


class Streams(NamedTuple):
    """How many there are, how many of them were judged good or poor, and how many poor."""

    streams: int = 0
    judged: int = 0
    poor: int = 0

    def plus(self, other: "Streams") -> "Streams":
        return Streams(self[0] + other[0], self[1] + other[1], self[2] + other[2])


NONE = Streams()
ONE: dict[Quality, Streams] = {"good": Streams(1, 1, 0), "poor": Streams(1, 1, 1), "unknown": Streams(1, 0, 0)}

Found = dict[str, list[int]]
"""Value -> the streams it counts, as Streams; those without any value are under the empty text."""


class CallDimensions:
    """The values that occur in one call, gathered row by row."""

    def __init__(self) -> None:
        self._all = NONE
        self._found: dict[str, Found] = {dimension: {} for dimension in OF_DOCUMENT}
        self._codecs: dict[str, set[Value]] = {"audio_codecs": set(), "video_codecs": set()}

    def add_ends(self, ends: Sequence[Values], streams: Streams = NONE) -> None:
        """Those (END) of a session, or of a segment with all its streams."""
        self._count("platform", [platform for _, platform, _, _ in ends], streams)
        self._count("product_family", [family for _, _, family, _ in ends], streams)
        self._count("client_version", [end[3] for end in ends if not is_service(end)], streams)

    def add_media(self, networks: Sequence[Values], devices: Sequence[Values], streams: Streams) -> None:
        """The networks and devices of a media's ends, without those that are services."""
        for place, dimension in enumerate(_OF_NETWORK):
            self._count(dimension, [network[place] for network in networks], streams)
        self._count("relay", map(relay, networks), streams)
        self._count("device", [name for names in devices for name in names], streams)

    def add_stream(self, codecs: Values, quality: Quality) -> Streams:
        """Its audio and its video codec."""
        one = ONE[quality]
        self._all = self._all.plus(one)
        for column, codec in zip(self._codecs, codecs, strict=True):
            self._codecs[column].add(codec)
        self._count("codec", codecs, one)
        return one

    def columns(self) -> dict[str, str | None]:
        """Each dimension's values as a JSON list in order; None if there are none."""
        lists: dict[str, Iterable[Value]] = {
            column: self._found[dimension] for dimension, (column, *more) in OF_DOCUMENT.items() if not more
        }
        return {column: written(values) for column, values in (lists | self._codecs).items()}

    def counts(self) -> str:
        """How the streams went, as JSON: ``{dimension: {value: [streams, judged, poor]}}``, and ``all`` of them.

        A dimension has the very values of its columns, with zeros where no stream was.
        """
        found = {dimension: values for dimension, values in self._found.items() if values}
        return orjson.dumps({"all": {"": [*self._all]}} | found).decode()

    def _count(self, dimension: str, values: Iterable[Value], streams: Streams) -> None:
        found = self._found[dimension]
        known = {value[:LONGEST] for value in values if value}
        if not known:
            if not streams.streams:
                return
            known = {""}
        for value in known:
            if counted := found.get(value):
                counted[0] += streams.streams
                counted[1] += streams.judged
                counted[2] += streams.poor
            else:
                found[value] = [*streams]


def written(values: Iterable[Value]) -> str | None:
    known = sorted({value[:LONGEST] for value in values if value})
    return orjson.dumps(known).decode() if known else None


def is_service(end: Values) -> bool:
    return end[0] == "serviceEndpoint"


def relay(network: Values) -> Value:
    """Whether the client had a relay's address for its media; None where nothing of the network is known."""
    *known, address = network
    return "allocated" if address else "none" if any(known) else None
