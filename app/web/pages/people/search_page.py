"""The search for people, and below them the newest calls that match: the search box of every page leads here."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.archive.parse import join_url
from app.archive.people import search
from app.archive.people.search import Found
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.web import unknown_parameters
from app.web.auth.callers import Reader
from app.web.auth.page_paths import back
from app.web.context import context
from app.web.pages.calls import by_id, rows
from app.web.pages.calls.columns import COLUMNS, USUAL
from app.web.pages.shared.render import page

router = APIRouter(include_in_schema=False)

MOST = 25  # people
NEWEST = 10  # calls below them
LONGEST = 200  # characters of a search text


@router.get("/people")
async def people(request: Request, caller: Reader) -> Response:
    """People by name, address, number or id; the id of a call and a join URL redirect to their calls."""
    unknown_parameters.refuse(request.query_params, ("q",))
    text, here = request.query_params.get("q", "").strip(), context(request)
    now = datetime.now(UTC)
    if join_url.looks_like_one(text):
        return back(request, "/calls?" + urlencode({"q": text[:4000]}))
    if call_id := await by_id.call_id_of(here.reads, caller, text):
        return back(request, f"/calls/{call_id}")
    text = text[:LONGEST]
    found, more, calls = list[Found](), False, list[dict[str, Any]]()
    if text:
        filters = Filters(participant=text, tenants=caller.tenants)
        async with here.reads.reading() as db:
            found, more = await search.find(db, text, filters, MOST, now)
            newest = await stored_calls.calls(db, filters, limit=NEWEST)
            calls = await rows.shown(db, newest, filters)
    request.state.answered = len(found) + len(calls)
    return await page(
        request,
        "people.html",
        nav="/people",
        now=now,
        q=text,
        people=sorted(found, key=lambda one: not one.is_person),
        namesakes=_namesakes([one.name for one in found]),
        more=more,
        calls=calls,
        columns=USUAL,
        COLUMNS=COLUMNS,
    )


def _namesakes(names: list[str | None]) -> set[str]:
    """Names that several people have."""
    return {name for name in names if name and names.count(name) > 1}
