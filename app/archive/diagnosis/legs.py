"""One media of a call as one of its ends saw it: network, device, and the streams that it received and sent. Pure.

The figures of a stream are those of the end that receives it: ``callerToCallee`` was measured by the callee. A media
has the networks and devices of both ends.
https://learn.microsoft.com/graph/api/resources/callrecords-mediastream
https://learn.microsoft.com/graph/api/resources/callrecords-media
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from app.archive.parse.identities import identifiers

Part = Mapping[str, Any]
"""A session, segment, media or stream, with the names of its columns, as ``stored_calls.call`` returns it."""
Side = Literal["caller", "callee"]
Kind = Literal["audio", "video", "screen"]

SIDES: tuple[Side, Side] = ("caller", "callee")
OTHER: dict[Side, Side] = {"caller": "callee", "callee": "caller"}
TOWARDS = {"callerToCallee": "callee", "calleeToCaller": "caller"}
IDENTITY = ("kind", "id", "display_name", "user_principal_name")


class End(NamedTuple):
    """Who or what is at one end. ``key`` is equal for all ends of one person in the call."""

    key: str
    identity: dict[str, str | None]
    is_service: bool
    role: str | None = None
    rating: str | None = None
    tokens: Mapping[str, Any] | None = None


class Leg(NamedTuple):
    """One media of one segment, seen from the end ``own``. ``session`` is the position of its session."""

    session: int
    kind: Kind
    label: str | None
    own: End
    other: End
    side: Side
    media: Part
    received: list[Part]
    sent: list[Part]

    def network(self, name: str) -> Any:
        return self.media.get(f"{self.side}_network_{name}")

    def device(self, name: str) -> Any:
        return self.media.get(f"{self.side}_device_{name}")

    @property
    def hops(self) -> list[Part]:
        found: list[Part] = self.media.get(f"{self.side}_network_trace_route_hops") or []
        return found

    def mirrored(self) -> "Leg":
        """The same media as the other end saw it."""
        other = OTHER[self.side]
        return self._replace(own=self.other, other=self.own, side=other, received=self.sent, sent=self.received)


def kind_of(label: str | None) -> Kind:
    """By the media's label."""
    name = (label or "").lower()
    if name.endswith("audio"):
        return "audio"
    return "screen" if "applicationsharing" in name else "video"


def ends_of(session: Part, part: Part, position: int) -> tuple[End, End]:
    """Caller and callee of a segment (or of the session itself). Who is missing in a segment is the session's."""
    caller, callee = (_end(session, part, side, position) for side in SIDES)
    return caller, callee


def legs_of(ends: tuple[End, End], segment: Part, position: int) -> Iterator[Leg]:
    """Those of all people at the ends of a segment; services have none of their own."""
    for media in segment["media"]:
        label = media.get("label")
        towards = {side: [one for one in media["streams"] if _goes_to(one, side)] for side in SIDES}
        for side, own, other in (("caller", ends[0], ends[1]), ("callee", ends[1], ends[0])):
            if not own.is_service:
                here: Side = "caller" if side == "caller" else "callee"
                received, sent = towards[here], towards[OTHER[here]]
                yield Leg(position, kind_of(label), label, own, other, here, media, received, sent)


def is_poor(streams: Iterable[Part]) -> bool:
    return any(stream["quality"] == "poor" for stream in streams)


def is_rated(streams: Iterable[Part]) -> bool:
    """Whether any of them is good or poor: without enough packets none is."""
    return any(stream["quality"] in {"good", "poor"} for stream in streams)


def _goes_to(stream: Part, side: Side) -> bool:
    """A stream without a known direction counts at both ends."""
    return TOWARDS.get(stream["stream_direction"] or "", side) == side


def _end(session: Part, part: Part, side: Side, position: int) -> End:
    known = part if _is_known(part, side) else session
    identity = {name: known[f"{side}_identity_{name}"] for name in IDENTITY}
    said = identifiers.said(identity["display_name"])
    key = identifiers.normal(identity["id"]) or identifiers.normal(identity["user_principal_name"]) or (said or "")
    return End(
        key or f"session {position} {side}",
        identity,
        (part[f"{side}_type"] or session[f"{side}_type"]) == "serviceEndpoint",
        part[f"{side}_user_agent_role"] or session[f"{side}_user_agent_role"],
        part[f"{side}_feedback_rating"] or session[f"{side}_feedback_rating"],
        part[f"{side}_feedback_tokens"] or session[f"{side}_feedback_tokens"],
    )


def _is_known(part: Part, side: Side) -> bool:
    return any(identifiers.said(part[f"{side}_identity_{name}"]) for name in IDENTITY[1:])
