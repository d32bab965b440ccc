"""Follows one collection's links page by page to its end."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from itertools import count
from typing import Any

from app.graph.errors import NotFound, Refused, Throttled, Unavailable
from app.graph.transport.exchange import Exchange
from app.graph.transport.links import Links, comparable, is_whole_list

Sleep = Callable[[float], Awaitable[None]]

MOST_PAGES = 2_000
_LONGEST_WAIT = 120.0
_UNSAID_WAIT = 10.0
_MOST_WAITS = 20
_PAUSES = (0.5, 1.0, 2.0)
_GONE = frozenset({400, 404, 410})


class Astray(Exception):
    """A link cannot be followed: it is not allowed, was followed before, or Graph itself does not know it."""


class Pages:
    """The pages of one record or one list: waits where Graph is busy, and counts the pages."""

    def __init__(
        self, exchange: Exchange, links: Links, *, operation: str, scope: str, sleep: Sleep, most: int = MOST_PAGES
    ) -> None:
        self._exchange = exchange
        self._links = links
        self._operation = operation
        self._scope = scope
        self._sleep = sleep
        self._most = most
        self.count = 0

    def lead_on(self, link: object) -> bool:
        """Whether this link may be followed and names a position in its list, not the list from its start."""
        url = self._links.follow(link)
        return url is not None and not is_whole_list(url)

    async def whole(self, url: str) -> AsyncGenerator[list[Any], None]:
        """Each page's items of the list at this URL of ours; an error at its first page is raised as it is."""
        first, _ = await self._exchange.get(self._operation, url, self._scope)
        yield items(first)
        async with aclosing(self.walk(next_link(first), before=url)) as pages:
            async for rows in pages:
                yield rows

    def rest(self, first: dict[str, Any], *, before: str) -> AsyncGenerator[list[Any], None]:
        """Each further page's items of the list whose first page this is, from the URL `before`; Astray ends it."""
        return self.walk(next_link(first), before=before)

    async def walk(self, link: object, *, before: str | None = None) -> AsyncGenerator[list[Any], None]:
        """Each page's items from this link on; `before` is the URL whose answer contained it. Astray ends it early."""
        seen = {comparable(before)} if before else set()
        while link:
            url = self._links.follow(link)
            if url is None:
                raise Astray("a link leaves Graph's own collection")
            if (key := comparable(url)) in seen:
                raise Astray("a link was already followed")
            seen.add(key)
            page = await self.page(url)
            yield items(page)
            link = next_link(page)

    async def page(self, url: str) -> dict[str, Any]:
        """One page's document; Astray where Graph does not know it, or there are too many."""
        if self.count >= self._most:
            raise Astray(f"there are more than {self._most} pages")
        try:
            page = await self.get_with_retries(url, self._operation)
        except (NotFound, Refused) as error:
            if error.status not in _GONE:
                raise
            raise Astray(f"Graph does not know its own link ({error.status})") from error
        self.count += 1
        return page

    async def get_with_retries(self, url: str, operation: str) -> dict[str, Any]:
        """The document at this URL; a wait or a short outage does not discard the pages already read."""
        waits, pauses, times = 0, iter(_PAUSES), count()
        while True:
            try:
                document, _ = await self._exchange.get(operation, url, self._scope, resent=next(times))
            except Throttled as error:
                waits += 1
                if waits > _MOST_WAITS or _wait(error) > _LONGEST_WAIT:
                    raise
            except Unavailable:
                if (pause := next(pauses, None)) is None:
                    raise
                await self._sleep(pause)
            else:
                return document


def items(page: dict[str, Any]) -> list[Any]:
    """The items of a page; a page may be empty and still have a next one."""
    value = page.get("value")
    return value if isinstance(value, list) else []


def next_link(page: dict[str, Any]) -> object:
    """Where the next page is; some services of Graph have written the name in other ways."""
    return page.get("@odata.nextLink") or page.get("@odata.NextLink") or page.get("nextLink")


def _wait(error: Throttled) -> float:
    return _UNSAID_WAIT if error.retry_after is None else error.retry_after
