"""The audit for administrators: which user requested what, and when."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import audit
from app.inbox import tenant_state
from app.web import unknown_parameters
from app.web.auth.callers import Admin, Caller
from app.web.context import Context, context
from app.web.cursors import ListCursors
from app.web.pages.calls import search_form
from app.web.pages.shared import time_zones
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

LIMIT = 50  # entries on one page


@router.get("/audit")
async def audit_trail(request: Request, caller: Admin) -> Response:
    """Audit entries, newest first."""
    unknown_parameters.refuse(request.query_params, ("who", "call", "from", "to", "cursor"))
    here, query = context(request), request.query_params
    values = {name: query[name].strip() for name in ("who", "call", "from", "to") if query.get(name, "").strip()}
    zone, cursors = time_zones.of(request), await ListCursors.of(here.database, "audit")
    after = cursors.read(query.get("cursor") or None)
    try:
        since, until = (search_form.moment(values[name], zone) if name in values else None for name in ("from", "to"))
    except ValueError as error:
        raise Problem(422, f"from, to: {error}.") from None
    if since and until and until <= since:
        raise Problem(422, "to: must be later than from.")
    found = await _entries(here, caller, values, since, until, after)
    shown, more = found[:LIMIT], len(found) > LIMIT
    request.state.answered = len(shown)
    return await page(
        request,
        "audit.html",
        nav="/audit",
        entries=shown,
        values=values,
        next_cursor=cursors.write(shown[-1]["at"], shown[-1]["id"]) if more else None,
    )


async def _entries(
    here: Context,
    caller: Caller,
    values: dict[str, str],
    since: datetime | None,
    until: datetime | None,
    after: tuple[datetime, int] | None,
) -> Any:
    async with here.reads.reading() as db:
        if not all(map(caller.sees, await tenant_state.tenant_ids(db))):
            raise Problem(
                403, "The audit covers all tenants. It requires a key that is not restricted to some of them."
            )
        who, call_id = values.get("who"), values.get("call")
        return await audit.read(db, since=since, until=until, who=who, call_id=call_id, after=after, limit=LIMIT + 1)
