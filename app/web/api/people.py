"""`/api/people`: who took part in the archived calls."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.archive.people import search
from app.archive.queries.filters import Filters
from app.web.api.calls import Tenant
from app.web.api.parameters import refuse_unknown, tenant_id
from app.web.auth.callers import Reader
from app.web.context import context

router = APIRouter(prefix="/api", tags=["people"])

Asked = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        description="Words of a name in any order, a part of an address, a telephone number or its beginning, or a "
        "complete object id.",
    ),
]


class Person(BaseModel):
    id: str | None = Field(description="Object id or telephone number, as Graph wrote it last.")
    kind: str | None = Field(
        description="Graph's kind of identity (user, phone, guest, …), or resourceAccount, service or conferencing."
    )
    name: str | None
    address: str | None = Field(description="The user principal name.")
    number: str | None = Field(description="The telephone number of a telephone; null for users.")
    department: str | None = Field(description="By the imported directory; null where it does not have the person.")
    is_person: bool = Field(description="False for services, resource accounts, applications and conferencing.")
    calls: int = Field(description="Archived calls in which this person was.")
    last_call: datetime = Field(description="When the last of them began, in UTC.")
    last_poor_call: datetime | None = Field(
        description="When the last poor one began, in UTC; null where none was poor."
    )


class People(BaseModel):
    items: list[Person]
    more: bool = Field(description="Whether more people match than are listed; ask for a longer part of the name.")


@router.get("/people", summary="People by name, address, number or id", response_model=People)
async def list_people(
    request: Request,
    caller: Reader,
    q: Asked,
    tenant: Tenant = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many people to list.")] = 50,
) -> Response:
    """The people who had a call last come first."""
    refuse_unknown(request)
    filters = Filters(tenant_id=tenant_id(tenant), tenants=caller.tenants)
    async with context(request).reads.reading() as db:
        found, more = await search.find(db, q, filters, limit, datetime.now(UTC))
    request.state.answered = len(found)
    items = [asdict(one) for one in found]
    return Response(orjson.dumps({"items": items, "more": more}), media_type="application/json")
