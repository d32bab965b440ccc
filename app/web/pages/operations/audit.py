"""The audit for administrators: which user requested what, about whom, and when; and the same as a CSV file."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from app.access import audit
from app.access.caller import Unauthenticated
from app.export.csv_text import BOM, END, cell
from app.inbox import tenant_state
from app.web import unknown_parameters, viewed
from app.web.auth.admission import still_admits
from app.web.auth.callers import Admin, Caller
from app.web.context import context
from app.web.cursors import ListCursors
from app.web.pages.calls import search_form
from app.web.pages.operations.audit_rows import folded
from app.web.pages.shared import formatting, time_zones
from app.web.pages.shared.counted_stream import CountedStream, Leaves
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

LIMIT = 200  # entries that are read for one page
FILE_PAGE = 500  # entries in one read for a file
NAMES = ("who", "person", "call", "from", "to")
COLUMNS = ("at", "who", "scope", "method", "route", "call_id", "parameters", "status", "answered")


@dataclass(frozen=True, slots=True)
class _Asked:
    values: dict[str, str]
    since: datetime | None
    until: datetime | None

    async def read(
        self, db: AsyncConnection, caller: Caller, after: tuple[datetime, int] | None, limit: int
    ) -> list[dict[str, Any]]:
        if not all(map(caller.sees, await tenant_state.tenant_ids(db))):
            raise Problem(
                403, "The audit covers all tenants. It requires a key that is not restricted to some of them."
            )
        person = self.values.get("person")
        return await audit.read(
            db,
            since=self.since,
            until=self.until,
            who=self.values.get("who"),
            call_id=self.values.get("call"),
            about=await viewed.of_person(db, person) if person else None,
            after=after,
            limit=limit,
        )


@router.get("/audit")
async def audit_trail(request: Request, caller: Admin) -> Response:
    """Audit entries, newest first; those of a program that asks again and again are one row."""
    unknown_parameters.refuse(request.query_params, (*NAMES, "unfold", "cursor"))
    here, query, asked = context(request), request.query_params, _asked(request)
    cursors = await ListCursors.of(here.database, "audit")
    after = cursors.read(query.get("cursor") or None)
    async with here.reads.reading() as db:
        found = await asked.read(db, caller, after, LIMIT + 1)
    shown, more = found[:LIMIT], len(found) > LIMIT
    request.state.answered = len(shown)
    unfold = query.get("unfold") == "1"
    return await page(
        request,
        "audit.html",
        nav="/audit",
        rows=folded(shown, fold=not unfold),
        values=asked.values | ({"unfold": "1"} if unfold else {}),
        next_cursor=cursors.write(shown[-1]["at"], shown[-1]["id"]) if more else None,
    )


@router.get("/audit.csv")
async def audit_as_csv(request: Request, caller: Admin) -> Response:
    """All entries that match, streamed."""
    unknown_parameters.refuse(request.query_params, NAMES)
    asked = _asked(request)
    async with context(request).reads.reading() as db:
        await asked.read(db, caller, None, 1)  # refuses a key of some tenants before the file begins
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    lines = partial(_lines, request, caller, asked)
    return CountedStream(request, lines, media_type="text/csv; charset=utf-8", headers=headers)


def _asked(request: Request) -> _Asked:
    query, zone = request.query_params, time_zones.of(request)
    values = {name: query[name].strip() for name in NAMES if query.get(name, "").strip()}
    try:
        since = search_form.moment(values["from"], zone) if "from" in values else None
        until = search_form.moment(values["to"], zone) if "to" in values else None
    except ValueError as error:
        raise Problem(422, f"from, to: {error}.") from None
    if since and until and until <= since:
        raise Problem(422, "to: must be later than from.")
    return _Asked(values, since, until)


async def _lines(request: Request, caller: Caller, asked: _Asked, leaves: Leaves) -> AsyncIterator[str]:
    here = context(request)
    yield BOM + ",".join(COLUMNS) + END
    after: tuple[datetime, int] | None = None
    while True:
        if not await still_admits(here, request.scope, caller):
            raise Unauthenticated("session", "The caller has no access any more.")
        async with here.reads.reading() as db:
            found = await asked.read(db, caller, after, FILE_PAGE)
        await leaves(len(found))
        yield _text(found)
        if len(found) < FILE_PAGE:
            return
        after = found[-1]["at"], found[-1]["id"]


def _text(entries: Sequence[dict[str, Any]]) -> str:
    return "".join(",".join(cell(_value(entry, name)) for name in COLUMNS) + END for entry in entries)


def _value(entry: dict[str, Any], name: str) -> Any:
    if name == "at":
        return formatting.iso(entry["at"])
    return ", ".join(entry[name] or ()) if name == "parameters" else entry[name]
