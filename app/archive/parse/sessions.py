"""Graph's sessions into typed rows: pure, page by page, and deaf to surprises.

Rows are tuples in the order of the table's columns, without the call's key, which only the database knows. A
value that is not what Graph documents becomes NULL, an item that is no object makes no row: nothing raises.
"""

from itertools import compress
from operator import itemgetter
from typing import Any

from app.archive.parse import quality
from app.archive.parse.call_dimensions import (
    NONE,
    CallDimensions,
    Streams,
    Values,
    is_service,
    of_device,
    of_end,
    of_network,
    of_stream,
)
from app.archive.parse.endpoint import LastEndpoint
from app.archive.parse.failures import Failures
from app.archive.parse.identities.took_part import Parties, SeenIn
from app.archive.parse.quality import Quality, Services
from app.archive.parse.quality_rules import DEFAULT, RuleSet
from app.archive.parse.row import Row, objects, reader
from app.archive.schema import graph_types

RATINGS = ("bad", "poor", "fair", "good", "excellent")  # the worst first; notRated is none

_session = reader(graph_types.SESSION_OWN)
_segment = reader(graph_types.SEGMENT_OWN)
_failure = reader(graph_types.FAILURE)
_media = reader(graph_types.MEDIA_OWN)
_device = reader(graph_types.DEVICE)
_network = reader(graph_types.NETWORK)
_stream = reader(graph_types.STREAM_OWN)
_hop = reader(graph_types.HOP)

_STREAM_COLUMNS = graph_types.columns(graph_types.STREAM_OWN)
_ENDPOINT_WIDTH = len(graph_types.ENDPOINT)
_IDENTITY_KIND = graph_types.columns(graph_types.ENDPOINT).index("identity_kind")
_RATING = graph_types.columns(graph_types.ENDPOINT).index("feedback_rating")
_TYPES = (
    graph_types.columns(graph_types.ENDPOINT).index("type"),
    graph_types.columns(graph_types.BOTH_ENDS).index("callee_type"),
)
_session_times = itemgetter(
    *map(graph_types.columns(graph_types.SESSION_OWN).index, ("start_date_time", "end_date_time"))
)
_segment_times = itemgetter(
    *map(graph_types.columns(graph_types.SEGMENT_OWN).index, ("start_date_time", "end_date_time"))
)


class Sessions:
    """The rows of a record's sessions and all below them, as their pages come, and what they add up to."""

    def __init__(self, rules: RuleSet = DEFAULT) -> None:
        self._rules = rules
        self.seen = 0
        self.sessions: list[Row] = []
        self.segments: list[Row] = []
        self.media: list[Row] = []
        self.streams: list[Row] = []
        self.hops: list[Row] = []
        self.poor_streams = 0
        self.failures = Failures()
        self.pstn = False
        self.ratings: set[str] = set()
        self.dimensions = CallDimensions()
        self.parties = Parties()
        self._caller, self._callee = LastEndpoint(), LastEndpoint()

    def add(self, sessions: list[Any]) -> None:
        for position, session in enumerate(sessions, self.seen):
            if isinstance(session, dict):
                self._add_session(position, session)
        self.seen += len(sessions)

    def overall_quality(self) -> Quality:
        return quality.rolled_up(map(itemgetter(-1), self.sessions))

    def rating(self) -> str | None:
        """The worst that anybody gave."""
        return next((rating for rating in RATINGS if rating in self.ratings), None)

    def _add_session(self, position: int, session: dict[str, Any]) -> None:
        own, ends = _session(session), self._both_ends(session)
        qualities = [
            self._add_segment((position, number), segment, _session_times(own), ends)
            for number, segment in objects(session.get("segments"))
        ]
        self.failures.add(_session_times(own), session.get("failureInfo"))
        self.dimensions.add_ends(_for_dimensions(ends))
        self.parties.add_ends(session, ends, SeenIn.SESSIONS)
        self.sessions.append((position, *own, *ends, quality.rolled_up(qualities)))

    def _add_segment(
        self, positions: tuple[int, int], segment: dict[str, Any], session_times: Row, session_ends: Row
    ) -> Quality:
        """What Graph left out of the segment, its times or its ends, is that of the session."""
        own, ends = _segment(segment), self._both_ends(segment)
        times = _segment_times(own)
        self.failures.add(times if any(times) else session_times, segment.get("failureInfo"))
        known = _for_dimensions(ends)
        services = _services(ends, session_ends)
        people = [not is_service(end) for end in known]
        qualities, streams = [], NONE
        for number, media in objects(segment.get("media")):
            verdict, some = self._add_media((*positions, number), media, people, services)
            qualities.append(verdict)
            streams = streams.plus(some)
        self.dimensions.add_ends(known, streams)
        self.parties.add_ends(segment, ends, SeenIn.SEGMENTS)
        verdict = quality.rolled_up(qualities)
        self.segments.append((*positions, *own, *ends, verdict))
        return verdict

    def _add_media(
        self, positions: tuple[int, int, int], media: dict[str, Any], people: list[bool], services: Services
    ) -> tuple[Quality, Streams]:
        """``people``: whether caller and callee are people and not services."""
        get = media.get
        own = _media(media)
        judge = quality.judge_for(own[0], self._rules, services)
        qualities, streams = self._add_streams(positions, judge, get("streams"))
        devices = (_device(get("callerDevice")), _device(get("calleeDevice")))
        networks = (_network(get("callerNetwork")), _network(get("calleeNetwork")))
        theirs = [*map(of_network, compress(networks, people))], [*map(of_device, compress(devices, people))]
        self.dimensions.add_media(*theirs, streams)
        verdict = quality.rolled_up(qualities)
        self.media.append((*positions, *own, *devices[0], *devices[1], *networks[0], *networks[1], verdict))
        for side in ("caller", "callee"):
            self._add_hops((*positions, side), get(side + "Network"))
        return verdict, streams

    def _add_streams(
        self, positions: tuple[int, int, int], judge: quality.Judge, streams: Any
    ) -> tuple[list[Quality], Streams]:
        qualities, count = [], NONE
        for number, stream in objects(streams):
            row = _stream(stream)
            verdict = judge(dict(zip(_STREAM_COLUMNS, row, strict=True)))
            self.streams.append((*positions, number, *row, *verdict))
            count = count.plus(self.dimensions.add_stream(of_stream(row), verdict[0]))
            self.poor_streams += verdict[0] == "poor"
            qualities.append(verdict[0])
        return qualities, count

    def _add_hops(self, positions: tuple[int, int, int, str], network: Any) -> None:
        if isinstance(network, dict) and network.get("traceRouteHops"):
            hops = objects(network["traceRouteHops"])
            self.hops.extend((*positions, number, *_hop(hop)) for number, hop in hops)

    def _both_ends(self, part: dict[str, Any]) -> Row:
        """Caller, callee and failure of a session or a segment, counted for the entire call."""
        caller, callee = self._caller.columns(part.get("caller")), self._callee.columns(part.get("callee"))
        failure = _failure(part.get("failureInfo"))
        self.pstn = self.pstn or "phone" in (caller[_IDENTITY_KIND], callee[_IDENTITY_KIND])
        self.ratings.update(rating for rating in (caller[_RATING], callee[_RATING]) if rating)
        return (*caller, *callee, *failure)


def _services(ends: Row, session_ends: Row) -> Services:
    """Which ends of a segment are services; where Graph gave the segment no end, which end of its session is one."""
    caller, callee = ((ends[place] or session_ends[place]) == "serviceEndpoint" for place in _TYPES)
    return Services(caller, callee)


def _for_dimensions(ends: Row) -> tuple[Values, Values]:
    """Caller and callee of what ``_both_ends`` gives."""
    return of_end(ends), of_end(ends[_ENDPOINT_WIDTH:])
