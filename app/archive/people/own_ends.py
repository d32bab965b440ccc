"""What a person took part with: the person's ends of segments, and the media and streams there."""

from collections.abc import Collection
from typing import Any, NamedTuple

from app.archive.parse.call_dimensions import DEVICE, END, NETWORK, Streams, Value
from app.archive.parse.row import Row

SIDES = ("caller", "callee")
AGENT = END[1:]
BSSID = "basic_service_set_identifier"

Place = tuple[Any, ...]
Codecs = tuple[Value, Value]
Reported = tuple[Value, ...]
Agents = dict[str, Reported]
"""The person's sides of a segment, and the client there."""


class Known(NamedTuple):
    """By what a person's ends are known, all folded: every way in which an id is written."""

    ids: Collection[str]
    principal_names: Collection[str]  # for ends without an id


class Ends(NamedTuple):
    """One person's ends of some calls. A segment is known by the key of its call and its positions."""

    agents: dict[Place, Agents]
    """Of each segment in which the person was."""
    media: list[Row]
    """Of these segments: the place of the media, then network and device of the caller and of the callee."""
    streams: dict[Place, dict[Codecs, Streams]]
    """Of each media, by audio and video codec."""


MEASURED = tuple(
    f"{side}_{part}_{name}"
    for side in SIDES
    for part, names in (("network", (*NETWORK, BSSID)), ("device", DEVICE))
    for name in names
)
