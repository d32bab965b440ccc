"""Takes erased people out of one call record's JSON; every other byte stays. Pure.

Of an erased identity, its kind, its tenant and its annotations stay, every other text becomes the call's pseudonym.
Of the ends of sessions and segments that were theirs, the device's name becomes the pseudonym, what they wrote and
the names and addresses of their devices and networks become null; what was measured stays. Wherever else a text
mentions one of their ids, principal names or names, the pseudonym takes that part's place.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.archive.detail.erased_kinds import ERASED
from app.archive.documents.json_text import Edit, List, Node, Object, Pieces, Text, replacing
from app.archive.documents.page_merge import LISTS
from app.archive.erasure import identities, mentions
from app.archive.erasure.identities import text_of, within
from app.archive.erasure.judge import Judge
from app.archive.erasure.traces import Patterns, Traces, own_texts, remembered

KEPT_OF_IDENTITY = {"tenantId"}  # and annotations
ADDRESSES = {
    *("ipAddress", "reflexiveIPAddress", "macAddress", "subnet"),
    *("basicServiceSetIdentifier", "dnsSuffix"),
}
DEVICES = {"captureDeviceName", "renderDeviceName"}  # people name them
SIDES = ("caller", "callee")
_LISTS = frozenset(LISTS.values())


def read(raw: bytes) -> Pieces:
    """The document, located once for what follows."""
    return Pieces(raw, _LISTS)


def traces(document: Pieces, judge: Judge) -> Traces:
    """By what else those whom the judge knows are known, as the document says."""
    found = Traces()
    for piece in document:
        for party in _parties(piece, judge):
            party.add_to(found)
    return found


def edits(
    document: Pieces, judge: Judge, known: dict[str, Traces] | None = None, *, is_stored: bool = False
) -> list[Edit]:
    """What to replace in the document; nothing where it holds nothing of them.

    ``known``, by pseudonym: what is known of people besides what the document itself says. What is remembered as
    hashes is looked for in all texts, which takes long, unless the document ``is_stored``: then it has nothing of those
    who were erased before.
    """
    all_traces = defaultdict(Traces, {who: Traces() | traces for who, traces in (known or {}).items()})
    present = set()
    for piece in document:
        for party in _parties(piece, judge):
            present.add(party.who)
            party.add_to(all_traces[party.who])
    for who, found in ({} if is_stored else remembered(document, judge, present)).items():
        all_traces[who] |= found
    patterns = {who: Patterns.of(trace) for who, trace in all_traces.items()}
    # The first edit of a place counts.
    return [edit for piece in document for edit in _of_piece(piece, document.raw, judge, patterns)]


def _of_piece(piece: Node, raw: bytes, judge: Judge, patterns: dict[str, "Patterns"]) -> Iterator[Edit]:
    parties = list(_parties(piece, judge))
    theirs = {id(identity): party.who for party in parties for identity in party.identities}
    yield from _of_identities(parties)
    yield from _of_ends(piece, theirs)
    yield from _of_mentions(piece, raw, theirs, patterns)


class _Erased(NamedTuple):
    """An erased person's party: the identities of it that are theirs, and the participant's own id."""

    who: str
    identities: list[Object]
    an_id: Text | None

    def add_to(self, traces: Traces) -> None:
        for identity in self.identities:
            traces.add(identity)
        if self.an_id and not self.an_id.value.startswith(ERASED):
            traces.ids.add(self.an_id.value)


def _parties(document: Node, judge: Judge) -> Iterator[_Erased]:
    """Those of erased people. What stands beside an erased identity in one party is theirs, but for another user's."""
    for party in identities.parties(document):
        own = {id(one): _judged(one, judge) for _, one in party.identities}
        an_id = party.an_id.value if party.an_id else None
        who = next((found for found in own.values() if found), None) or judge.identity(an_id, None)
        if who:
            theirs = [one for kind, one in party.identities if own[id(one)] or not _is_of_another(kind, one)]
            first = party.identities[0][1]
            yield _Erased(who, theirs, party.an_id if any(one is first for one in theirs) else None)


def _is_of_another(kind: str, identity: Object) -> bool:
    """Whether that is a user with an id."""
    is_user = kind == "user" or text_of(identity, "userPrincipalName") is not None
    return is_user and text_of(identity, "id") is not None


def _judged(identity: Object, judge: Judge) -> str | None:
    return judge.identity(text_of(identity, "id"), text_of(identity, "userPrincipalName"))


def _of_identities(parties: Iterable[_Erased]) -> Iterator[Edit]:
    for party in parties:
        if party.an_id:
            yield from _replaced(party.an_id, party.who)
        for identity in party.identities:
            for name, value in identity.members:
                if name.value not in KEPT_OF_IDENTITY and "@odata." not in name.value:
                    yield from (edit for text in _texts(value) for edit in _replaced(text, party.who))


def _replaced(text: Text, who: str) -> Iterator[Edit]:
    if text.value != who:
        yield replacing(text, who)


def _of_ends(document: Node, theirs: dict[int, str]) -> Iterator[Edit]:
    """A segment's end without an identity is whose the session's is."""
    root = document if isinstance(document, Object) else Object()
    for session in _objects(root.get("sessions")):
        for side in SIDES:
            owner = _owner(session.get(side), theirs)
            yield from _of_end(session.get(side), owner)
            for segment in _objects(session.get("segments")):
                end = segment.get(side)
                whose = _owner(end, theirs) if identities.of_endpoint(end) else owner
                yield from _of_end(end, whose)
                if whose:
                    yield from _of_media(segment, side)


def _owner(endpoint: Node, theirs: dict[int, str]) -> str | None:
    return next((theirs[id(one)] for one in identities.of_endpoint(endpoint) if id(one) in theirs), None)


def _of_end(endpoint: Node, who: str | None) -> Iterator[Edit]:
    if who and isinstance(endpoint, Object):
        yield from (replacing(text, who) for text in _texts(endpoint.get("name")) if text.value != who)
        feedback = endpoint.get("feedback")
        if isinstance(feedback, Object):
            yield from (replacing(text, None) for text in _texts(feedback.get("text")))


def _of_media(segment: Object, side: str) -> Iterator[Edit]:
    for media in _objects(segment.get("media")):
        for part, names in ((f"{side}Network", ADDRESSES), (f"{side}Device", DEVICES)):
            for name, value, _ in within(media.get(part)):  # the hops of a network are below it
                if name.value in names:
                    yield from (replacing(text, None) for text in _texts(value))


def _of_mentions(piece: Node, raw: bytes, theirs: dict[int, str], known: dict[str, Patterns]) -> Iterator[Edit]:
    """A long text that mentions the person is replaced completely: no property that Graph documents has one."""
    others = {id(one) for one in identities.everywhere(piece) if id(one) not in theirs}
    for who, all_patterns in known.items():
        for name, value, parent in within(piece):
            patterns = all_patterns.for_member(name.value, is_of_another=id(parent) in others)
            for text in (name, *own_texts(value)):
                if text.is_long:
                    windows = mentions.windows(raw, text.start, text.end)
                    if any(pattern.search(window) for window in windows for pattern in patterns):
                        yield replacing(text, who)
                    continue
                new = text.value
                for pattern in patterns:
                    new = pattern.sub(who, new)
                if new != text.value:
                    yield replacing(text, new)


def _texts(value: Node) -> Iterator[Text]:
    """All texts of a value, but for names of members."""
    yield from own_texts(value)
    for _, below, _ in within(value):
        yield from own_texts(below)


def _objects(value: Node) -> list[Object]:
    return [item for item in value.items if isinstance(item, Object)] if isinstance(value, List) else []
