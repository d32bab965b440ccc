"""`/api/webhooks`: where events are sent, what was delivered, and what failed."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError

from app import ids
from app.ids import TenantId
from app.outbound.registry import deliveries, listing, webhooks
from app.outbound.sending.target import WebhookRefused
from app.web.api import parameters
from app.web.api.parameters import refuse_unknown
from app.web.auth.callers import Admin, Caller, Reader
from app.web.context import context
from app.web.cursors import ListCursors
from app.web.path_ids import IdInPath
from app.web.problems import Problem

router = APIRouter(prefix="/api", tags=["webhooks"])


class NewWebhook(BaseModel):
    """What a webhook is."""

    url: str = Field(description="https; http only for this machine, listed in `WEBHOOK_ALLOW`.")
    events: list[str] = Field(description="Event types, for example `call.archived`.")
    format: str = Field("standard", description="`standard`, `teams` or `alertmanager`.")
    tenants: list[str] | None = Field(None, description="Only events of these tenants; by default of all of the key.")


class Secret(BaseModel):
    id: str
    secret: str | None = Field(description="Verifies signatures; shown once. None where the URL is the secret.")


class Webhook(BaseModel):
    """A webhook, without its complete URL and without its secret."""

    id: str
    url: str = Field(description="Without query; for Teams without path.")
    format: str
    events: list[str]
    tenants: list[str] | None
    state: Literal["active", "disabled"]
    reason: str | None = Field(description="Why it is disabled.")
    created_at: datetime
    created_by: str
    pending: int = Field(description="Deliveries that wait for an attempt.")
    failed: int = Field(description="Deliveries that were not accepted for three days.")
    failing_since: datetime | None
    last_status: int | None
    last_error: str | None


class Webhooks(BaseModel):
    items: list[Webhook]


class Delivery(BaseModel):
    """One event on its way to one webhook."""

    id: int
    event_id: str = Field(description="The header `webhook-id`.")
    type: str
    tenant_id: str | None
    created_at: datetime
    state: Literal["pending", "delivered", "failed"]
    attempts: int
    next_at: datetime | None
    last_status: int | None
    last_error: str | None
    finished_at: datetime | None


class DeliveriesPage(BaseModel):
    items: list[Delivery]
    next_cursor: str | None


class Queued(BaseModel):
    queued: int = Field(description="How many deliveries are due now.")


@router.get("/webhooks", summary="Where events are sent")
async def list_webhooks(request: Request, caller: Reader) -> Webhooks:
    """A key that is restricted to some tenants sees the webhooks that receive events of these alone."""
    refuse_unknown(request)
    async with context(request).reads.reading() as db:
        found = await listing.all_of(db, caller.tenants)
    request.state.answered = len(found)
    return Webhooks(items=[Webhook(**each) for each in found])


@router.get("/webhooks/{webhook_id}/deliveries", summary="What was sent to a webhook")
async def list_deliveries(
    request: Request,
    webhook_id: IdInPath,
    caller: Reader,
    state: Literal["pending", "delivered", "failed"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> DeliveriesPage:
    """Newest first."""
    refuse_unknown(request)
    cursors = await ListCursors.of(context(request).database, "deliveries")
    after = cursors.read(cursor)
    async with context(request).reads.reading() as db:
        await found(db, webhook_id, caller)
        before = after[1] if after else None
        rows = await deliveries.page(db, webhook_id, state=state, before=before, limit=limit + 1)
    shown = rows[:limit]
    request.state.answered = len(shown)
    return DeliveriesPage(
        items=[Delivery(**listing.delivery(row)) for row in shown],
        next_cursor=cursors.write(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None,
    )


@router.post(
    "/webhooks",
    status_code=201,
    summary="Add a webhook",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": NewWebhook.model_json_schema()}}}
    },
)
async def add(request: Request, caller: Admin) -> Secret:
    """The signing secret is in this answer alone."""
    refuse_unknown(request)
    here = context(request)
    async with here.forms.read(request) as body:
        given = _given(bytes(body))
    tenants = tenants_of(caller, given.tenants)
    try:
        async with here.database.begin() as db:
            added = await webhooks.add(
                db,
                given.url,
                given.events,
                given.format,
                tenants=tenants,
                by=caller.name,
                at=datetime.now(UTC),
                allowed=here.webhook_allow,
            )
    except WebhookRefused as error:
        raise Problem(422, str(error)) from None
    return Secret(id=added.webhook_id, secret=added.secret)


@router.delete("/webhooks/{webhook_id}", status_code=204, summary="Remove a webhook")
async def remove(request: Request, webhook_id: IdInPath, caller: Admin) -> Response:
    """Its deliveries are removed as well."""
    async with context(request).database.begin() as db:
        await found(db, webhook_id, caller)
        await webhooks.remove(db, webhook_id, caller.tenants)
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/replay", summary="Deliver again what failed")
async def replay(request: Request, webhook_id: IdInPath, caller: Admin, since: str | None = None) -> Queued:
    """With ``since`` all events written since then, also those that were delivered; at most 5,000 at a time."""
    refuse_unknown(request)
    async with context(request).database.begin() as db:
        await found(db, webhook_id, caller)
        return Queued(queued=await deliveries.replay(db, webhook_id, parameters.moment("since", since)))


async def found(db: Any, webhook_id: str, caller: Caller) -> Any:
    """The webhook's row; a 404 problem if this caller has no such webhook."""
    try:
        return await webhooks.find(db, webhook_id, caller.tenants)
    except WebhookRefused:
        raise Problem(404, "There is no such webhook.") from None


def tenants_of(caller: Caller, asked: list[str] | None) -> list[TenantId] | None:
    """A caller of some tenants adds webhooks for these alone."""
    if not asked:
        return None if caller.tenants is None else list(caller.tenants)
    wanted = [ids.tenant_id(each) for each in asked]
    if not all(map(caller.sees, wanted)):
        raise Problem(403, "The key is restricted to other tenants.")
    return wanted


def _given(body: bytes) -> NewWebhook:
    try:
        return NewWebhook.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise Problem(422, f"{where}: {first['msg']}.") from None
