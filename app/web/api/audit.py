"""`/api/audit`: who read what and when, for an admin. Reading it is a read like any other."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from app.access import audit
from app.inbox import tenant_state
from app.web import viewed
from app.web.api.parameters import moment, refuse_unknown
from app.web.auth.callers import Admin
from app.web.context import context
from app.web.cursors import ListCursors
from app.web.problems import Problem

router = APIRouter(prefix="/api", tags=["audit"])


class AuditEntry(BaseModel):
    """One request that was answered."""

    at: datetime
    who: str = Field(description="The key's name; for a token the application's id, or the person's object id.")
    scope: Literal["read", "admin"] | None = Field(description="Null for a token without a role.")
    tenants: list[str] | None = Field(description="Those the caller may see; null means every tenant.")
    method: str
    route: str = Field(description="The route's template, for example /api/calls/{call_id}.")
    call_id: str | None = Field(description="The call record that was asked for.")
    parameters: list[str] = Field(description="Which parameters were used; their values are not stored.")
    status: int = Field(description="The HTTP status of the answer.")
    answered: int | None = Field(
        description="How many records a list answered; of a CSV file and of a stream of new calls, how many have left."
    )


class AuditPage(BaseModel):
    items: list[AuditEntry]
    next_cursor: str | None


@router.get("/audit", summary="Who read what, newest first")
async def list_audit(
    request: Request,
    caller: Admin,
    *,
    since: Annotated[str | None, Query(alias="from", description="From this moment on, ISO 8601.")] = None,
    until: Annotated[str | None, Query(alias="to", description="Before this moment, ISO 8601.")] = None,
    who: Annotated[
        str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9._-]+$", description="A key's name or an id.")
    ] = None,
    call_id: Annotated[UUID | None, Query(description="Reads of this call record alone.")] = None,
    person: Annotated[
        str | None,
        Query(
            min_length=3,
            max_length=200,
            description="Reads about the person with this complete id, address or number, and of the person's calls.",
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> AuditPage:
    """Every request that came with a valid key or token. Those without one are only counted, in `/metrics`."""
    refuse_unknown(request)
    database = context(request).database
    cursors = await ListCursors.of(database, "audit")
    after = cursors.read(cursor)
    async with context(request).reads.reading() as db:
        if not all(map(caller.sees, await tenant_state.tenant_ids(db))):
            raise Problem(403, "The audit is of every tenant's calls; this needs a key without restriction.")
        found = await audit.read(
            db,
            since=moment("from", since),
            until=moment("to", until),
            who=who,
            call_id=str(call_id) if call_id else None,
            about=await viewed.of_person(db, person) if person else None,
            after=after,
            limit=limit + 1,
        )
    page, more = found[:limit], len(found) > limit
    request.state.answered = len(page)
    return AuditPage(
        items=[AuditEntry.model_validate(entry) for entry in page],
        next_cursor=cursors.write(page[-1]["at"], page[-1]["id"]) if more else None,
    )
