"""`/api/status`: each tenant at a glance."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.condition.tenant import Tenant, tenant_states
from app.web.context import context
from app.web.keys import Reader

router = APIRouter(prefix="/api", tags=["status"])


class SubscriptionState(BaseModel):
    """The subscription by which Graph tells us of calls."""

    id: str | None = Field(description="Graph's id; null when there is no live one.")
    expires_at: datetime | None
    live: bool
    problem: str | None = Field(description="Why it could not be made or renewed the last time, and what to do.")


class InboxState(BaseModel):
    due: int
    failed: int
    expired: int


class TenantStatus(BaseModel):
    tenant_id: str
    subscription: SubscriptionState
    last_notification: datetime | None
    last_record_kept: datetime | None
    records_stored: int = Field(description="Records stored so far, later versions included.")
    last_reconciliation: datetime | None = Field(description="The last sweep of Graph's list that came to its end.")
    held_until: datetime | None = Field(description="Graph asked to be left alone until then (Retry-After).")
    inbox: InboxState
    oldest_due: datetime | None
    nearest_deadline: datetime | None = Field(description="When Graph deletes the first record still due.")


class Status(BaseModel):
    tenants: list[TenantStatus]


@router.get("/status", summary="Is it collecting?")
async def get_status(request: Request, caller: Reader) -> Status:
    """Per tenant: subscription, last notification, last record kept, and what is still to be collected."""
    here = context(request)
    states = await tenant_states(here.database, caller.among(here.tenant_ids))
    return Status(tenants=[TenantStatus.model_validate(_shown(state)) for state in states])


def _shown(state: Tenant) -> dict[str, Any]:
    depth = asdict(state.depth)
    return {
        "tenant_id": state.tenant_id,
        "subscription": {
            "id": state.subscription_id,
            "expires_at": state.expires_at,
            "live": state.expires_at is not None,
            "problem": state.problem,
        },
        "last_notification": state.notified_at,
        "last_record_kept": state.kept_at,
        "records_stored": state.kept_total,
        "last_reconciliation": state.reconciled_at,
        "held_until": state.held_until,
        "inbox": {name: depth[name] for name in ("due", "failed", "expired")},
        "oldest_due": state.depth.oldest_due,
        "nearest_deadline": state.depth.nearest_deadline,
    }
