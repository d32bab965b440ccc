"""The list of calls: a search form, pages of a table, and the same search as a CSV file."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access.caller import Unauthenticated
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.queries.paging.cursor import Cursors
from app.archive.queries.paging.position import Position
from app.db.secrets import shared_secret
from app.export.csv_text import BOM, END, cell
from app.web import unknown_parameters
from app.web.auth import page_paths
from app.web.auth.admission import still_admits
from app.web.auth.callers import Caller, Reader
from app.web.context import context
from app.web.pages.calls import by_id, columns, rows, search_form
from app.web.pages.calls.search_form import CallSearch
from app.web.pages.shared import outcome_words, time_zones
from app.web.pages.shared.counted_stream import CountedStream, Leaves
from app.web.pages.shared.dimension_names import DIMENSIONS
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

LIMIT = 50  # calls on one page
FILE_PAGE = 200  # calls in one read for a file


@router.get("/calls")
async def calls(request: Request, caller: Reader) -> Response:
    """One page of the calls that match; a call id redirects to the call."""
    unknown_parameters.refuse(request.query_params, (*search_form.NAMES, "cursor", "column"))
    here, search = context(request), _search(request, caller)
    if found := await by_id.call_id_of(here.reads, caller, search.values.get("q", "")):
        return page_paths.back(request, f"/calls/{found}")
    shown, items = stored_calls.Page([], None), list[dict[str, Any]]()
    cursors = Cursors(await shared_secret.get_or_create(here.database, "cursors"))
    if not search.problems:
        after = _after(cursors, request, search)
        async with here.reads.reading() as db:
            shown = await stored_calls.calls(db, search.filters, limit=LIMIT, after=after)
            items = await rows.shown(db, shown, search.filters)
    request.state.answered = len(shown.items)
    return await page(
        request,
        "calls.html",
        nav="/calls",
        status=422 if search.problems else 200,
        search=search,
        calls=items,
        next_cursor=cursors.write(shown.next, "-start", search.filters) if shown.next else None,
        is_first="cursor" not in request.query_params,
        columns=columns.chosen(request.query_params.getlist("column")),
        chosen_columns=request.query_params.getlist("column"),
        COLUMNS=columns.COLUMNS,
        CHOICES=search_form.CHOICES,
        OUTCOMES=outcome_words.OUTCOMES,
        DIMENSION_FILTERS=search_form.DIMENSION_FILTERS,
        DIMENSIONS=DIMENSIONS,
    )


@router.get("/calls.csv")
async def calls_as_csv(request: Request, caller: Reader) -> Response:
    """All calls that match, streamed."""
    unknown_parameters.refuse(request.query_params, search_form.NAMES)
    search = _search(request, caller)
    if search.problems:
        name, problem = next(iter(search.problems.items()))
        raise Problem(422, f"{name}: {problem}.")
    headers = {"Content-Disposition": 'attachment; filename="calls.csv"', "Cache-Control": "no-store"}
    lines = partial(_lines, request, caller, search.filters)
    return CountedStream(request, lines, media_type="text/csv; charset=utf-8", headers=headers)


def _search(request: Request, caller: Caller) -> CallSearch:
    return search_form.read(request.query_params, time_zones.of(request), caller.limits)


def _after(cursors: Cursors, request: Request, search: CallSearch) -> Position | None:
    cursor = request.query_params.get("cursor")
    if not cursor:
        return None
    try:
        return cursors.read(cursor, "-start", search.filters)
    except ValueError:
        raise Problem(422, "This page link belongs to a different search. Start again at /calls.") from None


async def _lines(request: Request, caller: Caller, filters: Filters, leaves: Leaves) -> AsyncIterator[str]:
    """Raises Unauthenticated where the caller has lost access meanwhile: the file then visibly breaks off."""
    here = context(request)
    yield BOM + ",".join(columns.IN_FILES) + END
    after: Position | None = None
    while True:
        if not await still_admits(here, request.scope, caller):
            raise Unauthenticated("session", "The caller has no access any more.")
        async with here.reads.snapshot() as db:
            found = await stored_calls.calls(db, filters, limit=FILE_PAGE, after=after)
            items = await rows.in_file(db, found, filters)
        await leaves(len(items))
        yield "".join(_line(call) for call in items)
        after = found.next
        if after is None:
            return


def _line(call: dict[str, Any]) -> str:
    return ",".join(cell(column.text(call)) for column in columns.IN_FILES.values()) + END
