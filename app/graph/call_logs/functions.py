"""The functions getPstnCalls and getDirectRoutingCalls: their URLs and their pages."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

from app.graph.errors import BadResponse
from app.graph.records.record import COLLECTION
from app.graph.times import written_seconds
from app.graph.transport.paging import Astray, Pages

FUNCTIONS = {"pstn": "getPstnCalls", "direct_routing": "getDirectRoutingCalls"}
"""By our name of the log."""

# The end of the range is inclusive for one function and exclusive for the other: one second more of both, and callers
# that recognise a row which they had before, so that no row of a boundary is missing.
# https://learn.microsoft.com/graph/api/callrecords-callrecord-getdirectroutingcalls
OVERLAP = timedelta(seconds=1)
_PAGE = 1_000  # rows; Graph documents no larger page

Rows = list[dict[str, Any]]


def address(base: str, kind: str, since: datetime, until: datetime) -> str:
    """The rows of the calls that started in [since, until), and some that started a second later."""
    # The arguments are part of the path. A time ends in Z: a + would have to be percent-encoded.
    span = f"fromDateTime={written_seconds(since)},toDateTime={written_seconds(until + OVERLAP)}"
    return f"{base}/{COLLECTION}/{FUNCTIONS[kind]}({span})"


async def rows(pages: Pages, url: str, operation: str) -> AsyncGenerator[Rows, None]:
    """Each page's rows, at most a thousand at once; BadResponse where the log cannot be followed to its end."""
    first = await pages.get_with_retries(url, operation)
    for some in _parts(first.get("value")):
        yield some
    try:
        async with aclosing(pages.rest(first, before=url)) as each_page:
            async for page in each_page:
                for some in _parts(page):
                    yield some
    except Astray as astray:
        raise BadResponse(f"the log breaks off: {astray}") from astray


def _parts(value: object) -> list[Rows]:
    found = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    return [found[start : start + _PAGE] for start in range(0, len(found), _PAGE)]
