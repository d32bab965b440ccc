"""The calls of a page with what a row says beside the summary: with whom, and who of the search took part."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.people import counterparts
from app.archive.people.counterparts import NAMES, Counterparts
from app.archive.queries import reasons_of_calls
from app.archive.queries.filters import Filters
from app.archive.queries.stored_calls import Page
from app.web.pages.call.poor_reasons import metric_text


async def shown(db: AsyncConnection, page: Page, filters: Filters | None = None) -> list[dict[str, Any]]:
    """The summaries with ``with`` ("Ada and 2 others") and ``is_match``: whether that names who was searched for."""
    found = await _counterparts(db, page, filters)
    return [call | _beside(call, found.get(key)) for key, call in zip(page.keys, page.items, strict=True)]


async def in_file(db: AsyncConnection, page: Page, filters: Filters) -> list[dict[str, Any]]:
    """The same with ``people``, the names of up to ``NAMES`` others, and ``reasons`` of poor quality."""
    found = await _counterparts(db, page, filters, most=NAMES)
    poor = [key for key, call in zip(page.keys, page.items, strict=True) if call["quality"] == "poor"]
    reasons = await reasons_of_calls.reasons(db, poor)
    return [
        call
        | _beside(call, one)
        | {"people": one.names if one else (), "reasons": [metric_text(metric) for metric in reasons.get(key, [])]}
        for key, call in zip(page.keys, page.items, strict=True)
        for one in [found.get(key)]
    ]


async def _counterparts(
    db: AsyncConnection, page: Page, filters: Filters | None, most: int = 1
) -> dict[int, Counterparts]:
    people = {key: call["participants_seen"] for key, call in zip(page.keys, page.items, strict=True)}
    return await counterparts.of_calls(db, people, filters, most=most)


def _beside(call: dict[str, Any], found: Counterparts | None) -> dict[str, Any]:
    if found is None:
        return {"with": "", "is_match": False}
    return {"with": found.text(call["participants_seen"]), "is_match": found.matched is not None}
