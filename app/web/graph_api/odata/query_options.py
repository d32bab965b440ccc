"""The query options of one request, read against what its resource allows: pure, and nothing is ever ignored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.web.graph_api.odata import filter_clause, projection
from app.web.graph_api.odata.entity_types import EntityType
from app.web.graph_api.odata.filter_clause import Filter
from app.web.graph_api.odata.projection import Projection
from app.web.graph_api.odata.tokens import RefusedError

__all__ = ["Query", "RefusedError", "parse"]

_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for; ``filter_text`` is the filter as it was written, for the link to the next page."""

    wanted: Projection
    filter: Filter = field(default_factory=Filter)
    filter_text: str | None = None
    top: int | None = None
    count: bool = False
    skiptoken: str | None = None


def parse(pairs: Iterable[tuple[str, str]], of: EntityType, allowed: frozenset[str]) -> Query:
    """RefusedError names the first option, property, operator or function that is not supported here."""
    options = _options(pairs, allowed)
    text = options.get("$filter")
    return Query(
        wanted=projection.parse(of, options.get("$select"), options.get("$expand")),
        filter=Filter() if text is None else filter_clause.parse(text),
        filter_text=text,
        top=_top(options),
        count=_count(options),
        skiptoken=options.get("$skiptoken"),
    )


def _options(pairs: Iterable[tuple[str, str]], allowed: frozenset[str]) -> dict[str, str]:
    """By name with its ``$``, which Graph lets a client leave out
    (https://learn.microsoft.com/graph/query-parameters).
    """
    options: dict[str, str] = {}
    for given, value in pairs:
        name = given.lower()
        name = name if name.startswith("$") else f"${name}"
        if name not in allowed:
            raise RefusedError(
                f"The query option '{given[:60]}' is not supported here; supported are {', '.join(sorted(allowed))}."
            )
        if name in options:
            raise RefusedError(f"The query option '{name}' is given twice.")
        options[name] = value
    return options


def _top(options: Mapping[str, str]) -> int | None:
    text = options.get("$top")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) > 0):
        raise RefusedError("$top must be an integer from 1 on.")
    return int(text)


def _count(options: Mapping[str, str]) -> bool:
    match options.get("$count", "false").lower():
        case "true":
            return True
        case "false":
            return False
    raise RefusedError("$count must be true or false.")
