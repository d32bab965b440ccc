"""`/api/status`: each tenant at a glance."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.archive.detail import changes
from app.archive.erasure.requests import table as erasure_requests
from app.health.as_json import as_json
from app.health.tenant import tenant_states
from app.outbound.registry import health as webhooks
from app.web.auth.callers import Reader
from app.web.context import context

router = APIRouter(prefix="/api", tags=["status"])


class SubscriptionState(BaseModel):
    """The subscription through which Graph notifies us of calls."""

    id: str | None = Field(description="Graph's id; null when there is no live one.")
    expires_at: datetime | None
    live: bool
    problem: str | None = Field(description="Why it could not be made or renewed the last time, and what to do.")


class InboxState(BaseModel):
    due: int
    failed: int
    expired: int


class SweepState(BaseModel):
    """One sweep of Graph's list of call records: the running one of its kind, or the last."""

    kind: Literal["reconcile", "backfill"] = Field(description="On the schedule, or by hand.")
    begun_at: datetime
    since: datetime = Field(description="Calls that started before are not listed.")
    until: datetime | None = Field(description="Calls that started then or later are not listed.")
    position: datetime = Field(description="All calls that started before are listed.")
    share: float = Field(description="How much of its window is listed, from 0 to 1.")
    listed: int = Field(description="Records that Graph has listed so far.")
    queued: int = Field(description="How many of them are missing here, or stored in a lower version.")
    updated_at: datetime = Field(description="The last progress.")
    ended_at: datetime | None = Field(description="Null while it runs, and after it broke off: it is then continued.")
    refusal: str | None = Field(description="What Graph said when it refused the window: a narrower one is listed.")


class CallLogState(BaseModel):
    """The PSTN log or the Direct Routing log."""

    kind: Literal["pstn", "direct_routing"]
    state: Literal["never_read", "read", "failing", "not_permitted"]
    read_at: datetime | None = Field(description="When a day of it was read completely the last time.")
    failed_at: datetime | None = Field(description="The last failure; null after a day that was read completely.")
    error: str | None = Field(description="Why the last attempt failed.")


class TenantStatus(BaseModel):
    tenant_id: str
    subscription: SubscriptionState
    last_notification: datetime | None
    last_record_kept: datetime | None
    records_stored: int = Field(description="Records stored so far, later versions included.")
    last_reconciliation: datetime | None = Field(description="The last complete sweep of Graph's list.")
    sweeps: list[SweepState] = Field(description="The running or last sweep of each kind.")
    call_logs: list[CallLogState] = Field(description="Logs that were read or asked for: see PSTN_EVERY.")
    unnotified_calls: int = Field(description="Calls that a sweep found before any notification of them.")
    normal_silence_seconds: float | None = Field(description="How long may pass between two calls of this tenant.")
    held_until: datetime | None = Field(description="Graph throttles requests until then (Retry-After).")
    inbox: InboxState
    never_available: int = Field(description="Of those expired: calls that Graph notified us of and never had.")
    oldest_due: datetime | None
    nearest_deadline: datetime | None = Field(description="When Graph deletes the first record still due.")


class DetailRows(BaseModel):
    """The last run that removed or wrote detail rows of archived calls."""

    setting: str = Field(description="DETAIL_ROWS.")
    calls: int = Field(description="Calls that were to be changed, of all tenants.")
    changed: int = Field(description="How many of them are.")
    started_at: datetime
    updated_at: datetime = Field(description="The last progress.")
    finished_at: datetime | None = Field(description="Null while it runs, and after it broke off: it is continued.")


class Erasure(BaseModel):
    """How far the erasure of a person has come; it says nothing about the person."""

    requested_at: datetime
    updated_at: datetime = Field(description="The last progress.")
    finished_at: datetime | None = Field(description="Null while it runs, and after it broke off: it is continued.")
    own_calls: int = Field(description="Calls in which the person took part.")
    own_calls_done: int = Field(description="How many of them are rewritten.")
    documents: int = Field(description="All documents. After that they are searched for what mentions the person.")
    documents_done: int = Field(description="How many of them are searched.")
    changed_calls: int = Field(description="Calls from which the person was removed.")
    unreadable_calls: int = Field(description="Calls whose document cannot be read.")


class Erasures(BaseModel):
    """Requests of `callkeeper erase`."""

    pending: int
    finished: int
    last: Erasure | None = Field(description="The one that is worked on; if there is none, the one that ended last.")


class FailingWebhook(BaseModel):
    """A webhook to which no delivery has succeeded for an hour, or that is disabled."""

    webhook_id: str
    url: str = Field(description="Without what may be secret.")
    state: Literal["active", "disabled"]
    since: datetime | None
    error: str | None


class Status(BaseModel):
    tenants: list[TenantStatus]
    failing_webhooks: list[FailingWebhook] = Field(description="Empty for callers who may not read all tenants.")
    detail_rows: DetailRows | None = Field(
        description="Null if there was none, and for callers who may not read all tenants."
    )
    erasures: Erasures | None = Field(description="Null for callers who may not read all tenants.")


@router.get("/status", summary="Is it collecting?")
async def get_status(request: Request, caller: Reader) -> Status:
    """Per tenant: subscription, last notification, last stored record, and the records still to be fetched."""
    here = context(request)
    states = await tenant_states(here.database, caller.among(here.tenant_ids))
    async with here.database.reading() as db:
        run = None if caller.tenants is not None else await changes.read(db)
        erased = None if caller.tenants is not None else await erasure_requests.summary(db)
        failing = [] if caller.tenants is not None else await webhooks.failing(db)
    detail_rows = DetailRows.model_validate(run._asdict()) if run else None
    return Status(
        tenants=[TenantStatus.model_validate(as_json(one)) for one in states],
        failing_webhooks=[FailingWebhook(**each.as_json()) for each in failing],
        detail_rows=detail_rows,
        erasures=Erasures.model_validate(erased.as_json()) if erased else None,
    )
