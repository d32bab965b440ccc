"""`/api/inbox`: what is still to be collected and why it is not yet, and the retry a person asks for."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from app import ids
from app.ids import TenantId
from app.inbox import queue, rows
from app.inbox.queue import Notice
from app.web.api.parameters import refuse_unknown
from app.web.auth.callers import Admin, Reader
from app.web.context import context
from app.web.cursors import ListCursors
from app.web.problems import Problem

router = APIRouter(prefix="/api", tags=["inbox"])


class InboxRow(BaseModel):
    """One call that is not completely stored yet."""

    id: str = Field(description="The call record's id.")
    tenant_id: str
    state: Literal["due", "failed", "expired"]
    call_start: datetime | None = Field(
        description="When the call began; null until a sweep finds it in Graph's list: a notification has only the id."
    )
    organizer_id: str | None = Field(description="Who organized the call, likewise.")
    organizer_name: str | None
    notices: int = Field(description="How often Graph notified us of it.")
    attempts: int = Field(description="Fetches begun since the last notification.")
    first_seen_at: datetime
    due_at: datetime = Field(description="Not fetched before; while a worker fetches it, the end of its lease.")
    deadline: datetime = Field(description="When Graph deletes the record.")
    last_error: str | None = Field(description="What the last fetch came to, for people.")
    error_kind: str | None = Field(description="The same for programs: `not_found`, `refused`, `throttled`…")
    never_available: bool = Field(description="Expired, and Graph answered 404 to the end: it never had this record.")


class InboxPage(BaseModel):
    items: list[InboxRow]
    next_cursor: str | None


class Queued(BaseModel):
    queued: int = Field(description="How many rows are due now.")


@router.get("/inbox", summary="What is still to be collected")
async def list_inbox(
    request: Request,
    caller: Reader,
    state: Literal["due", "failed", "expired"] | None = None,
    tenant: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> InboxPage:
    """Rows nearest their deadline first."""
    refuse_unknown(request)
    tenants = caller.tenants if tenant is None else caller.among([ids.tenant_id(tenant)])
    database = context(request).database
    cursors = await ListCursors.of(database, "inbox")
    after = cursors.read(cursor)
    async with context(request).reads.reading() as db:
        found = await rows.rows(db, state=state, tenants=tenants, after=after, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    last = page[-1] if page and more else None
    request.state.answered = len(page)
    return InboxPage(
        items=[_row(row) for row in page],
        next_cursor=cursors.write(last.deadline, last.tenant_id, last.call_id) if last else None,
    )


@router.post("/inbox/{call_id}/retry", summary="Make a row due at once")
async def retry(request: Request, call_id: UUID, caller: Admin) -> Queued:
    """Due, failed or expired: it is fetched again as soon as a worker is free."""
    async with context(request).database.begin() as db:
        queued = await rows.retry(db, [ids.call_id(call_id)], caller.tenants)
    if not queued:
        raise Problem(404, f"The inbox has no row {call_id}: it was collected, or never announced.")
    return Queued(queued=queued)


@router.post("/calls/{call_id}/refetch", status_code=202, summary="Fetch a call again from Graph")
async def refetch(
    request: Request, response: Response, call_id: UUID, caller: Admin, tenant: UUID | None = None
) -> Queued:
    """Queues the id as if it had been notified; with several tenants, name the ``tenant``."""
    here = context(request)
    tenant_id = _one_tenant(caller.among(here.tenant_ids), tenant)
    async with here.database.begin() as db:
        await queue.put(db, [Notice(tenant_id, ids.call_id(call_id))], datetime.now(UTC))
    response.status_code = 202
    return Queued(queued=1)


def _one_tenant(tenant_ids: tuple[TenantId, ...], tenant: UUID | None) -> TenantId:
    if tenant is None and len(tenant_ids) == 1:
        return tenant_ids[0]
    if tenant is None or ids.tenant_id(tenant) not in tenant_ids:
        raise Problem(422, f"tenant: name one of {', '.join(tenant_ids) or 'those configured: this key sees none'}.")
    return ids.tenant_id(tenant)


def _row(row: Any) -> InboxRow:
    names = InboxRow.model_fields.keys() - {"id", "never_available"}
    columns = {name: getattr(row, name) for name in names}
    return InboxRow(id=row.call_id, never_available=rows.is_never_available(row), **columns)
