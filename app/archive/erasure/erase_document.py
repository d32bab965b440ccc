"""Takes erased people out of one call record's JSON; every other byte stays. Pure.

Of an erased identity, its kind, its tenant and its annotations stay, every other text becomes the call's pseudonym.
Of the ends of sessions and segments that were theirs, the device's name becomes the pseudonym, what they wrote and
the names and addresses of their devices and networks become null; what was measured stays. Wherever else a text
mentions one of their ids, principal names or names, the pseudonym takes that part's place.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from app.archive.detail.erased_kinds import ERASED
from app.archive.documents.json_text import Edit, List, Node, Object, Text, located, replacing
from app.archive.erasure import identities, mentions
from app.archive.erasure.identities import text_of, within
from app.archive.erasure.judge import Judge
from app.archive.parse.identities import identifiers

KEPT_OF_IDENTITY = {"tenantId"}  # and annotations
ADDRESSES = {
    *("ipAddress", "reflexiveIPAddress", "macAddress", "subnet"),
    *("basicServiceSetIdentifier", "dnsSuffix"),
}
DEVICES = {"captureDeviceName", "renderDeviceName"}  # people name them
SIDES = ("caller", "callee")
WORDS = 6  # of the longest name that is looked for in texts


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
    """By what else those whom the judge knows are known, as the document says."""
    found = Traces()
    for party in _parties(located(raw), judge):
        party.add_to(found)
    return found


def edits(raw: bytes, judge: Judge, known: dict[str, Traces] | None = None) -> list[Edit]:
    """What to replace in the document; nothing where it holds nothing of them.

    ``known``, by pseudonym: what is known of people besides what the document itself says.
    """
    document = located(raw)
    parties = list(_parties(document, judge))
    theirs = {id(identity): party.who for party in parties for identity in party.identities}
    all_traces = defaultdict(Traces, known or {})
    for party in parties:
        party.add_to(all_traces[party.who])
    for who, remembered in _remembered(document, raw, judge, {party.who for party in parties}).items():
        all_traces[who] |= remembered
    # The first edit of a place counts.
    return [
        *_of_identities(parties),
        *_of_ends(document, theirs),
        *_of_mentions(document, theirs, all_traces),
    ]


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


def _remembered(document: Node, raw: bytes, judge: Judge, present: set[str]) -> dict[str, Traces]:
    """What is remembered as a hash and stands in the document's texts, by pseudonym.

    Names only in what people wrote, and everywhere in the records of calls in which that person was.
    """
    found: defaultdict[str, Traces] = defaultdict(Traces)
    for candidate in mentions.candidates(mentions.plain(raw)):
        if who := judge.mention(candidate):
            (found[who].principal_names if "@" in candidate else found[who].ids).add(candidate)
    for name, value, _ in within(document):
        for text in _own_texts(value):
            for phrase in mentions.phrases(text.value, WORDS) if " " in text.value or "%" in text.value else ():
                who = judge.name(phrase)
                if who and (who in present or (name.value == "text" and len(mentions.words(phrase)) > 1)):
                    found[who].names.add(phrase)
    return found


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


def _of_mentions(document: Node, theirs: dict[int, str], known: dict[str, Traces]) -> Iterator[Edit]:
    """In what is another's identity only the ids count: two people may have one name, one after the other even a
    principal name.
    """
    others = {id(one) for one in identities.everywhere(document) if id(one) not in theirs}
    for who, trace in known.items():
        ids, principal_names = mentions.ids(_in_every_form(trace.ids)), mentions.ids(trace.principal_names)
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


def _in_every_form(ids: Iterable[str]) -> set[str]:
    return {form for an_id in ids for form in (an_id, *identifiers.contained(an_id)) if form}


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
