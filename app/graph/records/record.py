"""Reads one complete call record: its document, every further page, and a check that it did not change meanwhile."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Literal, NamedTuple

from app.graph.parts import Part
from app.graph.records.complete import next_link_names
from app.graph.records.expand import Expand
from app.graph.records.record_document import Read, RecordDocument
from app.graph.transport.exchange import Exchange
from app.graph.transport.links import Links
from app.graph.transport.paging import Astray, Pages, Sleep

COLLECTION = "communications/callRecords"


class _More(NamedTuple):
    # A list that continues after the record's own document: its next link, and how to list it from its start.
    kind: Literal["sessions", "participants"]
    link: object
    from_start: str
    received: int


_LISTS: tuple[tuple[Literal["sessions", "participants"], str, str], ...] = (
    ("sessions", "sessions", "sessions?$expand=segments"),
    ("participants", "participants_v2", "participants_v2"),
)


class Reading:
    """The reading of one record, once."""

    def __init__(
        self,
        exchange: Exchange,
        how: Expand,
        *,
        base: str,
        call_id: str,
        sleep: Sleep,
        most_pages: int,
        read: Read | None = None,
    ) -> None:
        self._url = f"{base}/{COLLECTION}/{call_id}"
        links = Links(base, COLLECTION)
        self._pages = Pages(exchange, links, operation="page", scope=f"record:{call_id}", sleep=sleep, most=most_pages)
        self._document = RecordDocument(exchange, self._pages, how, url=self._url, call_id=call_id, read=read)
        self._problems: list[str] = []

    async def parts(self) -> AsyncGenerator[Part, None]:
        """The record, its further pages, "incomplete" if some pages are missing; Changed if it was rewritten."""
        document, raw = await self._document.get()
        if self._document.found is not None:
            yield Part("read", self._document.found)
            return
        more = _take_links(document)
        await self._complete_segments(document.get("sessions"))
        changed_by_us = more or self._pages.count or self._document.merged or self._problems
        if changed_by_us:
            yield Part("record", self._document.complete(document))
        else:
            yield Part("record", document, raw)
        for rest in more:
            async with aclosing(self._rest(rest)) as parts:
                async for part in parts:
                    yield part
        if self._pages.count:
            await self._document.assert_same(document)
        if self._problems:
            yield Part("incomplete", {"reason": "; ".join(self._problems)})

    async def _complete_segments(self, sessions: object) -> None:
        for session in sessions if isinstance(sessions, list) else ():
            link = _take(session, "segments") if isinstance(session, dict) else None
            if link:
                await self._add_segments(session, link)

    async def _add_segments(self, session: dict[str, Any], link: object) -> None:
        segments = session.get("segments")
        received = list(segments) if isinstance(segments, list) else []
        from_start = f"sessions/{session.get('id')}/segments"
        async with aclosing(self._rows("segments", link, from_start, len(received))) as pages:
            async for rows, restart in pages:
                received = rows if restart else received + rows
        session["segments"] = received

    async def _rest(self, more: _More) -> AsyncGenerator[Part, None]:
        async with aclosing(self._rows(more.kind, more.link, more.from_start, more.received)) as pages:
            async for rows, restart in pages:
                if more.kind == "sessions":
                    await self._complete_segments(rows)
                yield Part(more.kind, rows, restart=restart)

    async def _rows(
        self, what: str, link: object, from_start: str, received: int
    ) -> AsyncGenerator[tuple[list[Any], bool], None]:
        # Follow the link; if that fails, list the collection from its start instead.
        if self._pages.lead_on(link):
            try:
                async with aclosing(self._pages.walk(link)) as pages:
                    async for rows in pages:
                        received += len(rows)
                        yield rows, False
            except Astray:
                pass
            else:
                return
        listed = 0
        try:
            async with aclosing(self._pages.walk(f"{self._url}/{from_start}")) as pages:
                async for rows in pages:
                    yield rows, listed == 0
                    listed += max(len(rows), 1)
        except Astray as astray:
            self._problems.append(f"{what}: {astray}")
        else:
            if listed < received:
                self._problems.append(f"{what}: the list from its start is shorter than what was read before")


def _take_links(document: dict[str, Any]) -> list[_More]:
    more = []
    for kind, name, from_start in _LISTS:
        if link := _take(document, name):
            rows = document.get(name)
            more.append(_More(kind, link, from_start, len(rows) if isinstance(rows, list) else 0))
    return more


def _take(entity: dict[str, Any], name: str) -> object:
    for key in next_link_names(name):
        if entity.get(key):
            return entity.pop(key)
    return None
