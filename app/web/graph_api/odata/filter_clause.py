"""$filter: the part of OData by which Graph lets call records be listed, and a refusal by name of all else.

https://learn.microsoft.com/graph/api/callrecords-cloudcommunications-list-callrecords
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast, get_args

from app.web.graph_api.odata.tokens import DEEPEST, RefusedError, Words

Operator = Literal["ge", "gt", "le", "lt"]
MOST_TERMS = 20

# A telephone number whose + was not percent-encoded arrives with a blank: https://url.spec.whatwg.org/#urlencoded-parsing
_NUMBER = re.compile(r"^ (?=[0-9][0-9*]{3,}$)", re.ASCII)
_EXAMPLE = "participants_v2/any(p:p/id eq 'an-id')"
_OPERATORS = get_args(Operator)


@dataclass(frozen=True, slots=True)
class Filter:
    """Every start bound must hold, and every participant must have taken part."""

    starts: tuple[tuple[Operator, datetime], ...] = ()
    participants: tuple[str, ...] = ()


def parse(text: str) -> Filter:
    """The terms of the filter; RefusedError names what is not supported."""
    words = Words("$filter", text)
    found = _Terms([], [])
    _terms(words, found, 0)
    words.end()
    return Filter(tuple(found.starts), tuple(dict.fromkeys(found.participants)))


@dataclass(slots=True)
class _Terms:
    starts: list[tuple[Operator, datetime]]
    participants: list[str]


def _terms(words: Words, found: _Terms, depth: int) -> None:
    if depth > DEEPEST:
        raise RefusedError("$filter has too many brackets within brackets.")
    while True:
        _term(words, found, depth)
        if len(found.starts) + len(found.participants) > MOST_TERMS:
            raise RefusedError(f"$filter has more than {MOST_TERMS} terms.")
        if words.next.text in ("or", "not", "in", "has"):
            raise RefusedError(f"The operator '{words.next.text}' is not supported in $filter; join terms with 'and'.")
        if not words.took("and"):
            return


def _term(words: Words, found: _Terms, depth: int) -> None:
    if words.took("("):
        _terms(words, found, depth + 1)
        words.need(")")
        return
    if words.next.text == "not":
        raise RefusedError("The operator 'not' is not supported in $filter.")
    name = words.name("a property")
    if words.next.text == "(":
        raise RefusedError(f"The function '{name[:60]}' is not supported in $filter.")
    match name:
        case "startDateTime":
            found.starts.append(_start(words))
        case "participants_v2":
            found.participants.append(_participant(words))
        case _:
            raise RefusedError(
                f"The property '{name[:60]}' is not supported in $filter; use startDateTime or {_EXAMPLE}."
            )


def _start(words: Words) -> tuple[Operator, datetime]:
    operator = words.name("an operator")
    if operator not in _OPERATORS:
        raise RefusedError(f"The operator '{operator[:60]}' is not supported for startDateTime; use ge, gt, le or lt.")
    if words.next.kind != "moment":
        raise words.unexpected("a time such as 2026-01-31T09:00:00Z")
    return cast("Operator", operator), _moment(words.take().text)


def _moment(text: str) -> datetime:
    """Microseconds, as the archive keeps them: Graph's seventh digit is cut on both sides of the comparison."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is not None and "T" in text:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise RefusedError(f"$filter: '{text[:60]}' is not a time with its offset, such as 2026-01-31T09:00:00Z.")


def _participant(words: Words) -> str:
    """The id in ``/any(p:p/id eq 'id')``, whatever the variable is called."""
    words.need("/")
    function = words.name("'any'")
    if function != "any":
        raise RefusedError(f"'{function[:60]}' is not supported for participants_v2; use {_EXAMPLE}.")
    words.need("(")
    variable = words.name("a variable")
    words.need(":")
    words.need(variable)
    words.need("/")
    if (named := words.name("'id'")) != "id":
        raise RefusedError(f"The property '{named[:60]}' is not supported within participants_v2/any; use id.")
    if (operator := words.name("'eq'")) != "eq":
        raise RefusedError(f"The operator '{operator[:60]}' is not supported for a participant's id; use eq.")
    if words.next.kind != "text":
        raise words.unexpected("a text in quotes")
    text = words.take().text[1:-1].replace("''", "'")
    words.need(")")
    return _NUMBER.sub("+", text, count=1)
