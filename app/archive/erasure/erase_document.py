"""Takes erased people out of one call record's JSON; every other byte stays. Pure.

Of an erased identity, its kind, its tenant and its annotations stay, every other text becomes the call's pseudonym.
Of the ends of sessions and segments that were theirs, the device's name becomes the pseudonym, what they wrote and
the names and addresses of their devices and networks become null; what was measured stays. Wherever else a text
mentions one of their ids, principal names or names, the pseudonym takes that part's place.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.archive.documents.json_text import Edit, List, Node, Object, Text, located, replacing
from app.archive.erasure import identities, mentions
from app.archive.erasure.digests import ERASED
from app.archive.erasure.identities import text_of, within

Judge = Callable[[str | None, str | None], str | None]
"""id, user principal name -> the pseudonym of an erased person, None for anybody else"""

KEPT_OF_IDENTITY = {"tenantId"}  # and annotations
ADDRESSES = {
    *("ipAddress", "reflexiveIPAddress", "macAddress", "subnet"),
    *("basicServiceSetIdentifier", "dnsSuffix"),
}
DEVICES = {"captureDeviceName", "renderDeviceName"}  # people name them
SIDES = ("caller", "callee")


@dataclass(slots=True)
class Traces:
    """The texts by which one person is known."""

    ids: set[str] = field(default_factory=set)
    principal_names: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def add(self, identity: Object) -> None:
        for texts, name in ((self.ids, "id"), (self.principal_names, "userPrincipalName"), (self.names, "displayName")):
            if (text := text_of(identity, name)) and not text.startswith(ERASED):
                texts.add(text)

    def __or__(self, more: "Traces") -> "Traces":
        return Traces(self.ids | more.ids, self.principal_names | more.principal_names, self.names | more.names)

    def everything(self) -> set[str]:
        return self.ids | self.principal_names | self.names


def traces(raw: bytes, judge: Judge) -> Traces:
    """By what else those whom the judge knows are known, as the document tells."""
    document, found = located(raw), Traces()
    for identity in identities.everywhere(document):
        if _judged(identity, judge):
            found.add(identity)
    return found


def edits(raw: bytes, judge: Judge, known: dict[str, Traces] | None = None) -> list[Edit]:
    """What to replace in the document; nothing where it holds nothing of them.

    ``known``, by pseudonym: what is known of people besides what the document itself tells.
    """
    document = located(raw)
    theirs = {id(identity): who for identity in identities.everywhere(document) if (who := _judged(identity, judge))}
    all_traces = _traces(document, theirs, known or {})
    # The first edit of a place counts.
    return [*_of_identities(document, theirs), *_of_ends(document, theirs), *_of_mentions(document, theirs, all_traces)]


def _judged(identity: Object, judge: Judge) -> str | None:
    return judge(text_of(identity, "id"), text_of(identity, "userPrincipalName"))


def _traces(document: Node, theirs: dict[int, str], known: dict[str, Traces]) -> dict[str, Traces]:
    found: defaultdict[str, Traces] = defaultdict(Traces)
    for identity in identities.everywhere(document):
        if who := theirs.get(id(identity)):
            found[who].add(identity)
    return found | {who: found[who] | more for who, more in known.items()}


def _of_identities(document: Node, theirs: dict[int, str]) -> Iterator[Edit]:
    for identity in identities.everywhere(document):
        if who := theirs.get(id(identity)):
            for name, value in identity.members:
                if name.value not in KEPT_OF_IDENTITY and "@odata." not in name.value:
                    yield from (replacing(text, who) for text in _texts(value) if text.value != who)


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


def _of_mentions(document: Node, theirs: dict[int, str], known: dict[str, Traces]) -> Iterator[Edit]:
    """In what is another's identity only the ids count: two people may have one name, one after the other even a
    principal name.
    """
    others = {id(one) for one in identities.everywhere(document) if id(one) not in theirs}
    for who, trace in known.items():
        ids, principal_names = mentions.ids(trace.ids), mentions.ids(trace.principal_names)
        long_names = mentions.names(name for name in trace.names if len(name.split()) > 1)
        names = mentions.names(trace.names)  # one word may be any word: only in what people wrote
        for name, value, parent in within(document):
            written = names if name.value == "text" else long_names
            patterns = (ids,) if id(parent) in others else (ids, principal_names, written)
            for text in (name, *_own_texts(value)):
                new = text.value
                for pattern in patterns:
                    new = pattern.sub(who, new) if pattern else new
                if new != text.value:
                    yield replacing(text, new)


def _own_texts(value: Node) -> list[Text]:
    """Of a member: itself, or the texts of its list."""
    if isinstance(value, Text):
        return [value]
    return [item for item in value.items if isinstance(item, Text)] if isinstance(value, List) else []


def _texts(value: Node) -> Iterator[Text]:
    """All texts of a value, but for names of members."""
    yield from _own_texts(value)
    for _, below, _ in within(value):
        yield from _own_texts(below)


def _objects(value: Node) -> list[Object]:
    return [item for item in value.items if isinstance(item, Object)] if isinstance(value, List) else []
