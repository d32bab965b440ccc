"""One person's own ends of a call that has no detail rows, from its document. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from app.archive.detail.from_document import Document
from app.archive.detail.wanted import Wanted
from app.archive.parse.call_dimensions import NONE, ONE, Streams
from app.archive.parse.identities import identity
from app.archive.parse.identities.identifiers import folded
from app.archive.parse.row import Row, objects
from app.archive.people.own_ends import AGENT, MEASURED, SIDES, Agents, Codecs, Ends, Known, Place
from app.archive.schema.tables import media, segments, sessions, streams

_NAMES = ("id", "user_principal_name", "display_name")
_END = tuple(f"{side}_{name}" for side in SIDES for name in (*(f"identity_{name}" for name in _NAMES), *AGENT))
_WHO = (Wanted(sessions, _END), Wanted(segments, _END))
_ALL = (*_WHO, Wanted(media, MEASURED), Wanted(streams, ("audio_codec", "video_codec", "quality")))


def ends(document: Document, known: Known) -> Ends:
    rows = document.rows(_ALL, _positions(document, known))
    agents = dict(_agents(rows["sessions"], rows["segments"], known))
    counts: defaultdict[Place, dict[Codecs, Streams]] = defaultdict(dict)
    for row in rows["streams"]:
        if row[:3] in agents:
            *_, audio, video, quality = row
            codecs, here = (audio, video), counts[row[:4]]
            here[codecs] = here.get(codecs, NONE).plus(ONE[quality])
    return Ends(agents, [row for row in rows["media"] if row[:3] in agents], dict(counts))


def places(document: Document, known: Known) -> list[tuple[int, int]]:
    """(key of the call, position) of each session in which the person was."""
    rows = document.rows(_WHO, _positions(document, known))
    found = (place[:2] for place, _ in _agents(rows["sessions"], rows["segments"], known))
    return list(dict.fromkeys((key, position) for key, position in found))


def _positions(document: Document, known: Known) -> list[int]:
    """Sessions in which the person may have been: a meeting has many more."""
    return [position for position, session in enumerate(document.sessions) if _may_be_in(session, known)]


def _may_be_in(session: Any, known: Known) -> bool:
    if not isinstance(session, dict):
        return False
    parts = [session, *(segment for _, segment in objects(session.get("segments")))]
    return any(_is(identity.of_endpoint(end)[1:4:2], known) for part in parts for end in _ends_of(part))


def _ends_of(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (end for side in SIDES if isinstance(end := part.get(side), dict))


def _agents(session_rows: list[Row], segment_rows: list[Row], known: Known) -> Iterator[tuple[Place, Agents]]:
    """An end without an identity is the session's."""
    of_sessions = {row[:2]: _halves(row[2:]) for row in session_rows}
    for row in segment_rows:
        both = zip(SIDES, _halves(row[3:]), of_sessions[row[:2]], strict=True)
        found = {
            side: tuple(mine if mine is not None else theirs for mine, theirs in zip(end[3:], session[3:], strict=True))
            for side, end, session in both
            if _is(end, known) or (not any(one is not None for one in end[:3]) and _is(session, known))
        }
        if found:
            yield row[:3], found


def _is(end: Any, known: Known) -> bool:
    """Whether the identity with this id and principal name is the person's."""
    an_id, address, *_ = end
    if an_id is not None:
        return folded(an_id) in known.ids
    return address is not None and folded(address) in known.principal_names


def _halves(values: Row) -> tuple[Row, Row]:
    """The caller's and the callee's."""
    middle = len(values) // 2
    return values[:middle], values[middle:]
