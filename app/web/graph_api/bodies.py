"""The bodies of the Graph-compatible answers, made from stored documents: pure, so that a thread can make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app import ids
from app.archive.documents import members
from app.archive.documents.exact_json import dumps
from app.archive.documents.items import Items
from app.archive.queries.graph_records import Found
from app.db.secrets.signed_cursor import SignedCursors
from app.ids import CallId, TenantId
from app.web.graph_api.entity import key, shaped, without_nulls
from app.web.graph_api.odata.projection import Projection

# https://learn.microsoft.com/graph/api/callrecords-callrecord-get: at most 60 sessions, 130 participants a page.
LARGEST_PAGE = {"callRecords": 60, "sessions": 60, "segments": 60, "participants_v2": 130}

_LIST = (list, Items)
_SAFE = "$()',;:/*"

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: from where, and how many at most."""

    start: int
    size: int | None
    """None: as many as one page of that list ever has."""

    def of(self, name: str) -> int:
        return min(self.size or LARGEST_PAGE[name], LARGEST_PAGE[name])


@dataclass(frozen=True, slots=True)
class Answer:
    """What all bodies of one answer share: where the client reached us, whom it may see, how it wants to read."""

    origin: str
    tenants: tuple[TenantId, ...] | None
    skiptokens: SignedCursors
    omit_nulls: bool

    def context(self, rest: str) -> str:
        return f"{self.origin}/v1.0/$metadata#communications/callRecords{rest}"

    def bound(self, *to: Any) -> list[Any]:
        """What a token must come back with: the resource, and the caller that may read it."""
        return [*to, None if self.tenants is None else sorted(self.tenants)]

    def link(self, path: str, options: Options, place: list[Any], bound: list[Any]) -> str:
        """Absolute, with all that the next page needs."""
        pairs = [*options, ("$skiptoken", self.skiptokens.write(place, bound))]
        query = "&".join(f"{name}={quote(value, safe=_SAFE)}" for name, value in pairs)
        return f"{self.origin}/v1.0/communications/callRecords{quote(path)}?{query}"

    def write(self, body: Any) -> bytes:
        return dumps(without_nulls(body) if self.omit_nulls else body)


@dataclass(frozen=True, slots=True)
class Part:
    """What is wanted of a record, and where it stands: ``sessions``, or ``sessions, its id, segments``."""

    call_id: CallId
    path: tuple[str, ...]
    wanted: Projection


def record(answer: Answer, found: Found, call_id: CallId, wanted: Projection, size: int | None) -> bytes:
    """One call record with the first pages of what was expanded."""
    value = members.record(found.document, frozenset(wanted.expand))
    more: dict[str, Any] = {}
    for name in wanted.expand:
        items = value.get(name)
        if isinstance(items, _LIST):
            more[f"{name}@odata.context"] = answer.context(f"('{call_id}')/{name}")
            value[name], following = _cut(items, Page(0, size), name)
            if following is not None:
                part = Part(call_id, (name,), wanted.expand[name])
                more[f"{name}@odata.nextLink"] = _next(answer, found, part, following, size)
    entity = shaped(value, wanted, answer.context(f"('{call_id}')"))
    return answer.write({"@odata.context": answer.context(f"{wanted.context()}/$entity"), **entity, **more})


def records(answer: Answer, heads: Sequence[dict[str, Any]], wanted: Projection, more: dict[str, Any]) -> bytes:
    """A page of call records, none expanded."""
    value = [shaped(head, wanted, answer.context(key(head))) for head in heads]
    return answer.write({"@odata.context": answer.context(wanted.context()), **more, "value": value})


def below(answer: Answer, found: Found, part: Part, page: Page, *, count: bool) -> bytes | None:
    """A page of the list at the part's path; None where its session is not there."""
    items = _items(found, part.path)
    if items is None:
        return None
    name = part.path[-1]
    shown, following = _cut(items, page, name)
    at = f"('{part.call_id}')/{_context_path(part.path)}"
    value = [shaped(item, part.wanted, answer.context(at + key(item))) for item in shown]
    more: dict[str, Any] = {"@odata.count": len(items)} if count else {}
    if following is not None:
        more["@odata.nextLink"] = _next(answer, found, part, following, page.size)
    return answer.write({"@odata.context": answer.context(at + part.wanted.context()), **more, "value": value})


def single(answer: Answer, found: Found, part: Part) -> bytes | None:
    """One entity below the record: its organizer, or the first item with that id of the list at the part's path."""
    *path, last = part.path
    if path:
        item = next((item for item in _items(found, path) or [] if _has_id(item, last)), None)
        at = f"('{part.call_id}')/{_context_path(path)}"
    else:
        item = members.record(found.document, frozenset()).get(last)
        at = f"('{part.call_id}')/{last}"
    if not isinstance(item, dict):
        return None
    entity = shaped(item, part.wanted, answer.context(at + (key(item) if path else "")))
    return answer.write({"@odata.context": answer.context(f"{at}{part.wanted.context()}/$entity"), **entity})


def count(found: Found, path: Sequence[str]) -> int | None:
    """How many items the list at that path has; None where its session is not there."""
    items = _items(found, path)
    return None if items is None else len(items)


def _items(found: Found, path: Sequence[str]) -> Sequence[Any] | None:
    """The list; None where no session has the id. Graph repeats session ids: such sessions share their segments."""
    items = _list(members.record(found.document, frozenset(path[:1])).get(path[0]))
    if len(path) == 1:
        return items
    sessions = [item for item in items if _has_id(item, path[1])]
    return [segment for session in sessions for segment in _list(session.get(path[2]))] if sessions else None


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, _LIST) else []


def _has_id(item: Any, wanted: str) -> bool:
    found = item.get("id") if isinstance(item, dict) else None
    return isinstance(found, str) and ids.is_same(found, wanted)


def _cut(items: Sequence[Any], page: Page, name: str) -> tuple[Sequence[Any], int | None]:
    """The page's items, and where the next page begins."""
    end = page.start + page.of(name)
    return items[page.start : end], end if end < len(items) else None


def _next(answer: Answer, found: Found, part: Part, start: int, size: int | None) -> str:
    """The next page of the same version, whatever is stored meanwhile: pages of two versions would not fit."""
    path = "/".join(part.path)
    place = [found.key, found.version, start, size, answer.omit_nulls]
    return answer.link(f"/{part.call_id}/{path}", part.wanted.options(), place, answer.bound(path, part.call_id))


def _context_path(path: Sequence[str]) -> str:
    return path[0] if len(path) == 1 else f"{path[0]}('{path[1]}')/{path[2]}"
