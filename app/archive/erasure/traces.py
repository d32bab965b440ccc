"""By what an erased person is known, and where a document's texts say it. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from app.archive.detail.erased_kinds import ERASED
from app.archive.documents.json_text import List, Node, Object, Pieces, Text
from app.archive.erasure import mentions
from app.archive.erasure.identities import text_of, within
from app.archive.erasure.judge import Judge
from app.archive.parse.identities import identifiers

WORDS = 6  # of the longest name that is looked for in texts
LONGEST = 4096  # characters of an id, an address or a name that is looked for in texts


@dataclass(slots=True)
class Traces:
    """The texts by which one person is known."""

    ids: set[str] = field(default_factory=set)
    principal_names: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def add(self, identity: Object) -> None:
        for texts, name in ((self.ids, "id"), (self.principal_names, "userPrincipalName"), (self.names, "displayName")):
            if (text := text_of(identity, name)) and len(text) <= LONGEST and not text.startswith(ERASED):
                texts.add(text)

    def __or__(self, more: "Traces") -> "Traces":
        return Traces(self.ids | more.ids, self.principal_names | more.principal_names, self.names | more.names)

    def __le__(self, other: "Traces") -> bool:
        return self | other == other

    def everything(self) -> set[str]:
        return self.ids | self.principal_names | self.names


class Patterns(NamedTuple):
    """What matches the ids, addresses and names of one person in a text; None where none is known.

    A name of one word may be any word: only in what people wrote is it a name.
    """

    ids: re.Pattern[str] | None
    principal_names: re.Pattern[str] | None
    long_names: re.Pattern[str] | None
    names: re.Pattern[str] | None

    @classmethod
    def of(cls, trace: Traces) -> "Patterns":
        return cls(
            mentions.ids(_in_every_form(trace.ids)),
            mentions.ids(trace.principal_names),
            mentions.names(name for name in trace.names if len(name.split()) > 1),
            mentions.names(trace.names),
        )

    def for_member(self, name: str, *, is_of_another: bool) -> list[re.Pattern[str]]:
        """In what is another's identity only the ids count: two people may have one name, one after the other even a
        principal name.
        """
        names = self.names if name == "text" else self.long_names
        patterns = (self.ids,) if is_of_another else (self.ids, self.principal_names, names)
        return [pattern for pattern in patterns if pattern]


def remembered(document: Pieces, judge: Judge, present: set[str]) -> dict[str, Traces]:
    """What is remembered as a hash and stands in the document's texts, by pseudonym.

    Names only in what people wrote, and everywhere in the records of calls in which that person was.
    """
    found: defaultdict[str, Traces] = defaultdict(Traces)
    for text in mentions.plain(document.raw):
        for candidate in mentions.candidates(text):
            if who := judge.mention(candidate):
                (found[who].principal_names if "@" in candidate else found[who].ids).add(candidate)
    if judge.knows_names:
        for name, phrase in _phrases(document):
            who = judge.name(phrase)
            if who and (who in present or (name == "text" and len(mentions.words(phrase)) > 1)):
                found[who].names.add(phrase)
    return found


def _phrases(document: Pieces) -> Iterator[tuple[str, str]]:
    """The sequences of words in texts of several words, each with the name of its member."""
    for piece in document:
        for name, value, _ in within(piece):
            for text in own_texts(value):
                for part in _parts(text, document.raw):
                    if " " in part or "%" in part:
                        yield from ((name.value, phrase) for phrase in mentions.phrases(part, WORDS))


def _parts(text: Text, raw: bytes) -> Iterable[str]:
    return mentions.windows(raw, text.start, text.end) if text.is_long else (text.value,)


def _in_every_form(ids: Iterable[str]) -> set[str]:
    return {form for an_id in ids for form in (an_id, *identifiers.contained(an_id)) if form}


def own_texts(value: Node) -> list[Text]:
    """Of a member: itself, or the texts of its list."""
    if isinstance(value, Text):
        return [value]
    return [item for item in value.items if isinstance(item, Text)] if isinstance(value, List) else []
