"""The document of one record with both its relations, in one request or in as many as its cloud needs."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app import ids, long_texts
from app.graph.errors import BadResponse, Changed, GraphError
from app.graph.records import expand
from app.graph.records.complete import may_have_links, next_link_names
from app.graph.records.expand import Expand, Form, is_about_expanding
from app.graph.transport import answers
from app.graph.transport.exchange import Exchange
from app.graph.transport.paging import Astray, Pages, items, next_link

Read = Callable[[bytes], Awaitable[object | None]]
"""Reads the bytes of an answer elsewhere; None where that is not a complete record, or it could not be read."""

_RELATIONS = {"sessions": expand.SESSIONS, "participants_v2": expand.PARTICIPANTS}


class RecordDocument:
    """Gets the document once; `merged` says afterwards whether it is of several answers.

    Where ``read`` has read the first answer, `found` is what it returned, and the document is empty.
    """

    def __init__(
        self, exchange: Exchange, pages: Pages, how: Expand, *, url: str, call_id: str, read: Read | None = None
    ) -> None:
        self._exchange = exchange
        self._pages = pages
        self._how = how
        self._url = url
        self._id = call_id
        self._read = read
        self.merged = False
        self.found: object | None = None
        self._raw = b""
        self._places: Mapping[str, tuple[int, int]] = {}

    async def get(self) -> tuple[dict[str, Any], bytes]:
        """The record with its relations' first pages, and the bytes of the first answer.

        Changed where two answers are of different versions.
        """
        form = await self._how.form()
        document, raw, form = await self._first(form)
        if self.found is not None:
            missing = []
        elif form == "together":
            missing = [name for name in _RELATIONS if not isinstance(document.get(name), list)]
            form = "apart" if missing else form
        else:
            missing = ["participants_v2"]
        if "sessions" in missing:
            self._merge(document, await self._again(expand.SESSIONS), "sessions")
        learnt = await self._add_participants(document, form) if "participants_v2" in missing else form
        if learnt is not None:
            await self._how.worked(learnt)
        return document, raw

    def complete(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with its complete texts: `get` returns only the beginning of those of a megabyte and more."""
        if not self._places:
            return document
        whole: dict[str, Any] = long_texts.restored(document, self._raw, self._places)
        return whole

    async def assert_same(self, document: dict[str, Any]) -> None:
        """Changed where Graph has another version by now."""
        now = await self._pages.get_with_retries(f"{self._url}?$select=id,version,lastModifiedDateTime", "version")
        self._assert_id(now)
        assert_unchanged(document, now)

    async def _first(self, form: Form) -> tuple[dict[str, Any], bytes, Form]:
        if form == "together":
            try:
                return *await self._get(expand.TOGETHER, self._read), form
            except GraphError as error:
                if not is_about_expanding(error):
                    raise
            form = "apart"
        return *await self._get(expand.SESSIONS), form

    async def _get(self, query: str, read: Read | None = None) -> tuple[dict[str, Any], bytes]:
        answer = await self._exchange.send("call_record", "GET", f"{self._url}?{query}", f"record:{self._id}")
        if read and answers.is_json(answer) and not may_have_links(answer.body):
            self.found = await read(answer.body)
            if self.found is not None:
                return {}, answer.body
        document = answers.document(answer, self._parsed)
        self._assert_id(document)
        return document, answer.body

    def _parsed(self, raw: bytes) -> Any:
        value, self._places = long_texts.parsed(raw)
        self._raw = raw if self._places else b""
        return value

    async def _again(self, query: str) -> dict[str, Any]:
        document = await self._pages.get_with_retries(f"{self._url}?{query}", "call_record")
        self._assert_id(document)
        return document

    async def _add_participants(self, document: dict[str, Any], form: Form) -> Form | None:
        """Adds them in the form that works and returns it; None where the answers say nothing about the cloud.

        Where there are no participants_v2, the deprecated `participants` of the document replace them.
        """
        refused = form in {"listed", "sessions"}
        if not refused:
            try:
                other = await self._again(expand.PARTICIPANTS)
            except GraphError as error:
                if not is_about_expanding(error):
                    raise
                refused = True
            else:
                assert_unchanged(document, other)
                if self._merge(document, other, "participants_v2"):
                    return "apart"
        if form == "sessions":
            return form
        try:
            page = await self._pages.page(f"{self._url}/participants_v2")
        except Astray as astray:
            return "sessions" if refused and is_about_expanding(astray.__cause__) else None
        document["participants_v2"] = items(page)
        if link := next_link(page):
            document["participants_v2@odata.nextLink"] = link
        return "listed"

    def _merge(self, document: dict[str, Any], other: dict[str, Any], name: str) -> bool:
        """Takes one relation of the other answer; False where that answer has none."""
        assert_unchanged(document, other)
        if not isinstance(other.get(name), list):
            return False
        self.merged = True
        for key in (name, *next_link_names(name)):
            if key in other:
                document[key] = other[key]
        return True

    def _assert_id(self, document: dict[str, Any]) -> None:
        if not ids.is_same(str(document.get("id")), self._id):
            raise BadResponse("Graph's answer is about another record")


def assert_unchanged(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Changed where the version or the time of the last change differs; each is compared where both have it."""
    for key in ("version", "lastModifiedDateTime"):
        first, second = before.get(key), after.get(key)
        if first is not None and second is not None and _comparable(first) != _comparable(second):
            raise Changed("the record was rewritten while it was read")


def _comparable(value: object) -> object:
    """One time is written in several ways; its seventh digit counts, which a datetime cannot store."""
    if not isinstance(value, str):
        return value
    moment = value.upper().replace("+00:00", "Z").removesuffix("Z")
    return moment.rstrip("0").removesuffix(".") if "." in moment else moment
