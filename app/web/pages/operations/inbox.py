"""The inbox for administrators: calls that are not archived yet, why, and retrying them."""

import re
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import ids
from app.inbox import queue, rows
from app.inbox.queue import Notice
from app.inbox.rows import Depth
from app.web import unknown_parameters
from app.web.auth.callers import Admin
from app.web.auth.page_paths import back
from app.web.context import context
from app.web.cursors import ListCursors
from app.web.pages.shared import forms
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

LIMIT = 50  # rows on one page
NEVER = "never_available"
STATES = ("failed", "expired", NEVER, "due")


@router.get("/inbox")
async def inbox(request: Request, caller: Admin) -> Response:
    """Calls that are not archived yet, the nearest deadline first."""
    unknown_parameters.refuse(request.query_params, ("state", "cursor", "done"))
    here, state = context(request), request.query_params.get("state")
    state = state if state in STATES else None
    cursors = await ListCursors.of(here.database, "inbox")
    after = cursors.read(request.query_params.get("cursor") or None)
    async with here.reads.reading() as db:
        apart = {"expired": False, NEVER: True}.get(state or "")
        wanted = "expired" if state == NEVER else state
        found = await rows.rows(db, state=wanted, apart=apart, tenants=caller.tenants, after=after, limit=LIMIT + 1)
        depths = await rows.depths(db)
    shown, more = found[:LIMIT], len(found) > LIMIT
    request.state.answered = len(shown)
    mine = [depths[tenant] for tenant in caller.among(depths)]
    return await page(
        request,
        "inbox.html",
        nav="/inbox",
        now=datetime.now(UTC),
        rows=shown,
        state=state,
        counts={name: sum(_count(depth, name) for depth in mine) for name in STATES},
        is_never_available=rows.is_never_available,
        next_cursor=cursors.write(shown[-1].deadline, shown[-1].tenant_id, shown[-1].call_id) if more else None,
        done=_number(request.query_params.get("done", "")),
    )


def _count(depth: Depth, name: str) -> int:
    """``expired`` without the calls that were never available, which have their own state here."""
    count: int = getattr(depth, name)
    return count - depth.never_available if name == "expired" else count


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


@router.post("/inbox/retry")
async def retry_all_failed(request: Request, caller: Admin) -> Response:
    """Make all failed rows due now."""
    await forms.sent(request)
    async with context(request).database.begin() as db:
        count = await rows.retry_all_failed(db, caller.tenants)
    return back(request, f"/inbox?done={count}")


@router.post("/inbox/{call_id}/retry")
async def retry(request: Request, call_id: UUID, caller: Admin) -> Response:
    """Make one row due now."""
    await forms.sent(request)
    async with context(request).database.begin() as db:
        count = await rows.retry(db, [ids.call_id(call_id)], caller.tenants)
    return back(request, f"/inbox?done={count}")


@router.post("/calls/{call_id}/refetch")
async def refetch(request: Request, call_id: UUID, caller: Admin) -> Response:
    """Put the call's id into the inbox, as a notification does, for the call's tenant."""
    fields, here = await forms.sent(request), context(request)
    tenant_id = ids.tenant_id(fields.get("tenant", ""))
    if tenant_id not in caller.among(here.tenant_ids):
        raise Problem(
            422, "The call's tenant is no longer configured here, so its record cannot be fetched from Graph."
        )
    async with here.database.begin() as db:
        await queue.put(db, [Notice(tenant_id, ids.call_id(call_id))], datetime.now(UTC))
    return back(request, f"/calls/{call_id}?done=1")
