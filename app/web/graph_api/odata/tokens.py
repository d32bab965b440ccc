"""OData text cut into words, and the error that names what is not supported; filter and expand both read with it."""

import re
from dataclasses import dataclass

LONGEST = 4000  # characters of one option
DEEPEST = 16  # brackets within brackets

_WORD = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<moment>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+\- ]\d\d:\d\d)?)?)  # an unescaped + arrives as a blank
      | (?P<text>'(?:[^']|'')*')
      | (?P<name>[$@]?[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<number>-?\d[\d.]*)
      | (?P<mark>[(),;=/:*])
      )""",
    re.VERBOSE | re.ASCII,
)


class RefusedError(ValueError):
    """Something asked for that is not supported; the text names it, for the caller."""


@dataclass(frozen=True, slots=True)
class Word:
    kind: str
    text: str

    def __str__(self) -> str:
        """As an error may show it: not what stands in quotes, which can be a person's name."""
        return "a text" if self.kind == "text" else f"'{self.text[:60]}'"


END = Word("end", "")


class Words:
    """The words of one option, read from left to right."""

    def __init__(self, option: str, text: str) -> None:
        if len(text) > LONGEST:
            raise RefusedError(f"{option} is longer than {LONGEST} characters.")
        self.option = option
        self._words = _cut(option, text)
        self._place = 0

    @property
    def next(self) -> Word:
        return self._words[self._place] if self._place < len(self._words) else END

    def take(self) -> Word:
        word = self.next
        self._place += 1
        return word

    def took(self, text: str) -> bool:
        """Whether the next word was this mark or name, and is now behind us."""
        if self.next.kind in ("mark", "name") and self.next.text == text:
            self._place += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.took(text):
            raise self.unexpected(f"'{text}'")

    def name(self, what: str) -> str:
        if self.next.kind != "name":
            raise self.unexpected(what)
        return self.take().text

    def end(self) -> None:
        if self.next is not END:
            raise self.unexpected("its end")

    def unexpected(self, wanted: str) -> RefusedError:
        found = "it ends" if self.next is END else f"{self.next} stands"
        return RefusedError(f"{self.option} cannot be read: {found} where {wanted} is expected.")


def _cut(option: str, text: str) -> list[Word]:
    words, place, end = [], 0, len(text.rstrip(" \t\r\n"))
    while place < end:
        found = _WORD.match(text, place)
        if found is None or found.lastgroup is None:
            raise RefusedError(f"{option} cannot be read from its character {place + 1} on.")
        words.append(Word(found.lastgroup, found[found.lastgroup]))
        place = found.end()
    return words
