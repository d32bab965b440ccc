"""One call record read whole: its document, every further page, and proof that it stayed the same meanwhile."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Literal, NamedTuple

from app.graph import expand
from app.graph.errors import BadResponse, Changed, GraphError
from app.graph.exchange import Exchange
from app.graph.expand import Expand
from app.graph.links import Links
from app.graph.paging import Astray, Pages, Sleep, items, next_link
from app.graph.parts import Part

COLLECTION = "communications/callRecords"


class _More(NamedTuple):
    # A list that goes on after the record's own document: where, and how to list it from its start.
    kind: Literal["sessions", "participants"]
    link: object
    whole: str
    held: int


_LISTS: tuple[tuple[Literal["sessions", "participants"], str, str], ...] = (
    ("sessions", "sessions", "sessions?$expand=segments"),
    ("participants", "participants_v2", "participants_v2"),
)


class Reading:
    """The reading of one record, once."""

    def __init__(self, exchange: Exchange, how: Expand, *, base: str, call_id: str, sleep: Sleep) -> None:
        self._exchange = exchange
        self._how = how
        self._id = call_id
        self._url = f"{base}/{COLLECTION}/{call_id}"
        self._scope = f"record:{call_id}"
        links = Links(base, COLLECTION)
        self._pages = Pages(exchange, links, operation="page", scope=self._scope, sleep=sleep)
        self._trouble: list[str] = []

    async def parts(self) -> AsyncGenerator[Part, None]:
        """The record, its further pages, "incomplete" if some could not be had; Changed if it was rewritten."""
        document, raw = await self._document()
        more = _take_links(document)
        await self._complete_segments(document.get("sessions"))
        changed_by_us = more or self._pages.count or self._trouble
        yield Part("record", document, None if changed_by_us else raw)
        for rest in more:
            async with aclosing(self._rest(rest)) as parts:
                async for part in parts:
                    yield part
        if self._pages.count:
            await self._assert_same(document)
        if self._trouble:
            yield Part("incomplete", {"reason": "; ".join(self._trouble)})

    async def _document(self) -> tuple[dict[str, Any], bytes]:
        if not self._how.is_combined():
            return await self._in_two_requests()
        try:
            return await self._get(expand.COMBINED)
        except GraphError as error:
            if not expand.is_about_expanding(error):
                raise
        document, raw = await self._in_two_requests()
        self._how.is_refused()
        return document, raw

    async def _in_two_requests(self) -> tuple[dict[str, Any], bytes]:
        document, raw = await self._get(expand.SESSIONS)
        page = await self._first_participants()
        if page is not None:
            document["participants_v2"] = items(page)
            if link := next_link(page):
                document["participants_v2@odata.nextLink"] = link
        return document, raw

    async def _get(self, query: str) -> tuple[dict[str, Any], bytes]:
        document, raw = await self._exchange.get("call_record", f"{self._url}?{query}", self._scope)
        self._assert_id(document)
        return document, raw

    async def _first_participants(self) -> dict[str, Any] | None:
        # Where a cloud has no participants_v2, the deprecated `participants` in the document stand in.
        try:
            return await self._pages.page(f"{self._url}/participants_v2")
        except Astray:
            return None

    async def _complete_segments(self, sessions: object) -> None:
        for session in sessions if isinstance(sessions, list) else ():
            link = _take(session, "segments") if isinstance(session, dict) else None
            if link:
                await self._add_segments(session, link)

    async def _add_segments(self, session: dict[str, Any], link: object) -> None:
        segments = session.get("segments")
        held = list(segments) if isinstance(segments, list) else []
        whole = f"sessions/{session.get('id')}/segments"
        async with aclosing(self._rows("segments", link, whole, len(held))) as pages:
            async for rows, restart in pages:
                held = rows if restart else held + rows
        session["segments"] = held

    async def _rest(self, more: _More) -> AsyncGenerator[Part, None]:
        async with aclosing(self._rows(more.kind, more.link, more.whole, more.held)) as pages:
            async for rows, restart in pages:
                if more.kind == "sessions":
                    await self._complete_segments(rows)
                yield Part(more.kind, rows, restart=restart)

    async def _rows(
        self, what: str, link: object, whole: str, held: int
    ) -> AsyncGenerator[tuple[list[Any], bool], None]:
        # Follow the link; where it leads nowhere, list the collection from its start instead.
        if self._pages.lead_on(link):
            try:
                async with aclosing(self._pages.walk(link)) as pages:
                    async for rows in pages:
                        held += len(rows)
                        yield rows, False
            except Astray:
                pass
            else:
                return
        listed = 0
        try:
            async with aclosing(self._pages.walk(f"{self._url}/{whole}")) as pages:
                async for rows in pages:
                    yield rows, listed == 0
                    listed += max(len(rows), 1)
        except Astray as astray:
            self._trouble.append(f"{what}: {astray}")
        else:
            if listed < held:
                self._trouble.append(f"{what}: the list from its start is shorter than what was read before")

    async def _assert_same(self, document: dict[str, Any]) -> None:
        query = "$select=id,version,lastModifiedDateTime"
        now = await self._pages.patiently(f"{self._url}?{query}", "version")
        self._assert_id(now)
        for key in ("version", "lastModifiedDateTime"):
            before, after = document.get(key), now.get(key)
            if before is not None and after is not None:
                if before != after:
                    raise Changed("the record was rewritten while its pages were read")
                return

    def _assert_id(self, document: dict[str, Any]) -> None:
        if str(document.get("id")).lower() != self._id.lower():
            raise BadResponse("Graph's answer is about another record")


def _take_links(document: dict[str, Any]) -> list[_More]:
    more = []
    for kind, name, whole in _LISTS:
        if link := _take(document, name):
            rows = document.get(name)
            more.append(_More(kind, link, whole, len(rows) if isinstance(rows, list) else 0))
    return more


def _take(entity: dict[str, Any], name: str) -> object:
    for key in (f"{name}@odata.nextLink", f"{name}@odata.NextLink"):
        if entity.get(key):
            return entity.pop(key)
    return None
