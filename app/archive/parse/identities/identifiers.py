"""The one normal form of what identifies a person: an object id, a telephone number or an address. Pure.

Graph writes one id in several ways, and so do people who ask for it: ``{GUID}``, a GUID without dashes,
``8:orgid:<GUID>``, ``4:+41225550146``, ``0041 22 555 01 46``. Two texts identify the same person if their normal forms
are equal. The index of people, searches and the digests of erased people compare nothing else.
"""

import re
from functools import lru_cache
from unicodedata import normalize

from app.ids import GUID

LONGEST = 200  # characters: three of these together still fit one entry of PostgreSQL's index (2,704 bytes)
_READ = 4 * LONGEST  # NFKC makes at most four characters one, so the rest cannot change the first LONGEST

_NOTHING = {"", "none", "null"}  # what programs write for a value that they do not have
# Teams' own ids: a number for the kind of account, and perhaps the directory that it is in (8:orgid:, 28:, 4:).
_PREFIX = re.compile(r"(?:[0-9]{1,3}:)?(?:[a-z]+:)*")
_SCHEME = re.compile(r"(?:sips?|tel|mailto|callto):")
_SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015]")
_TRUNK = re.compile(r"\(0\)")  # +41 (0)22: the zero is only dialled within the country
_NUMBER = re.compile(r"(\+|00)?([0-9]+)(\*+)?")  # providers mask the last digits: +49155555****

_SHORTEST = 6  # digits of a number that is written without + or 00
_MOST = 15  # digits of any number, by ITU-T E.164
_FORMS_OF_GUID = ("{}", "{{{}}}", "8:orgid:{}", "28:{}", "28:orgid:{}")
_FORMS_OF_NUMBER = ("{}", "4:{}", "tel:{}")


def cut(text: str) -> str:
    """The part that is read: NFKC takes seconds for 64,000 combining marks, and caches hold their arguments."""
    return text[:_READ]


def folded(text: str | None) -> str:
    """Without the differences of case and of composition, in any script; cut after the longest name."""
    return _folded(cut(text)) if text else ""


@lru_cache(maxsize=4096)  # the same people meet again and again
def _folded(text: str) -> str:
    return normalize("NFKC", normalize("NFKC", text).casefold())[:LONGEST]


def said(text: str | None) -> str | None:
    """The text; None where it is empty or one of the words that programs write for nothing."""
    return None if text is None or text.strip().casefold() in _NOTHING else text


def normal(text: str | None) -> str:
    """The normal form of an id, a number or an address; empty where the text says nothing.

    A GUID has dashes and small letters, a number ``+`` and its digits. Everything else is folded.
    """
    return _normal(cut(text)) if text else ""


@lru_cache(maxsize=8192)
def _normal(text: str) -> str:
    if not said(text):
        return ""
    whole = folded(text).strip()
    bare = _SCHEME.sub("", whole, count=1) or whole
    return guid(bare) or number(_without_host(bare)) or bare


def contained(text: str) -> tuple[str, ...]:
    """The normal form of an id, and those of the GUIDs in it: some ids are made of the id of a user."""
    return _contained(cut(text))


@lru_cache(maxsize=8192)
def _contained(text: str) -> tuple[str, ...]:
    whole = normal(text)
    inside = ["-".join(found.groups()) for found in GUID.finditer(folded(text))]
    return tuple(dict.fromkeys([whole, *inside] if whole else inside))


def guid(text: str) -> str | None:
    """``00000000-0000-4000-8000-000000000001`` of any way to write it; None of any other text."""
    found = GUID.fullmatch(_without_prefix(text.strip()))
    return "-".join(found.groups()).lower() if found else None


def number(text: str) -> str | None:
    """``+41225550146`` of any way to write it; None of any other text.

    A national number keeps its 0 and has no ``+``, because its country is not known.
    """
    given = _without_prefix(text.strip())
    international = given.startswith(("+", "00"))
    digits = _SEPARATORS.sub("", _TRUNK.sub("", given) if international else given)
    found = _NUMBER.fullmatch(digits)
    if not found:
        return None
    sign, rest, masked = found[1], found[2], found[3] or ""
    length = len(rest) + len(masked)
    if length > _MOST or (sign != "+" and length < _SHORTEST):
        return None
    return rest + masked if not sign and rest.startswith("0") else f"+{rest}{masked}"


def number_prefix(text: str) -> str | None:
    """The prefix that ``+41*``, ``0041*`` and ``41*`` ask for: ``+41``; None of any other text."""
    given = _SEPARATORS.sub("", folded(text).strip())
    found = _NUMBER.fullmatch(given)
    return f"+{found[2]}" if found and found[3] == "*" else None


def written_forms(text: str) -> frozenset[str]:
    """The folded ways in which Graph is known to write what has this normal form."""
    if found := GUID.fullmatch(text):
        forms = {form.format(text) for form in _FORMS_OF_GUID}
        plain = "".join(found.groups())
        return frozenset(forms | {plain, f"8:teamsvisitor:{plain}"})
    if text.startswith("+") and number(text):
        return frozenset({form.format(text) for form in _FORMS_OF_NUMBER} | {text[1:], f"00{text[1:]}"})
    return frozenset({text})


def kind(text: str) -> str | None:
    """Graph's word for the owner of an id, if its form shows that: user, guest, phone, application."""
    folded_text = folded(text).strip()
    for prefix, meaning in _KINDS.items():
        if folded_text.startswith(prefix):
            return meaning
    if guid(folded_text):
        return None if "-" in folded_text else "guest"  # only Teams' visitors have ids without dashes
    return "phone" if number(_without_host(folded_text)) else None


_KINDS = {"8:orgid:": "user", "8:teamsvisitor:": "guest", "4:": "phone", "tel:": "phone", "28:": "application"}


def _without_prefix(text: str) -> str:
    """Without what Teams writes before an id, if it is the id of a user, a visitor, an application or a telephone."""
    folded_text = text.lower()
    found = _PREFIX.match(folded_text)
    return text[found.end() :] if found else text


def _without_host(text: str) -> str:
    """``+41225550146@sbc.contoso.example;user=phone`` is the number before the host."""
    before, at, _ = text.partition("@")
    return before if at and before.startswith("+") else text
