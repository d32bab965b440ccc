"""`/api/alerts`: alerts that fire, and those that are over."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from app.alerts import store
from app.web.api.parameters import refuse_unknown
from app.web.auth.callers import Admin, Reader
from app.web.context import context
from app.web.path_ids import IdInPath
from app.web.problems import Problem

router = APIRouter(prefix="/api", tags=["alerts"])


class Alert(BaseModel):
    """A rule that was broken at one value of its dimension."""

    fingerprint: str = Field(description="The same each time this rule is broken at this value.")
    rule: str
    severity: Literal["warning", "critical"]
    state: Literal["firing", "resolved"]
    tenant_id: str
    dimension: str
    value: str = Field(description="Empty for a complete tenant.")
    title: str
    poor: int = Field(description="Poor streams of the newest window that breached.")
    judged: int = Field(description="All good or poor streams of it.")
    calls: int
    threshold: float
    fired_at: datetime
    seen_at: datetime = Field(description="When a window last breached.")
    resolved_at: datetime | None
    acknowledged_by: str | None = Field(description="The name of the key.")


class Alerts(BaseModel):
    items: list[Alert]


class Acknowledged(BaseModel):
    acknowledged: int


@router.get("/alerts", summary="Alerts")
async def list_alerts(
    request: Request,
    caller: Reader,
    state: Literal["firing", "resolved"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Alerts:
    """Newest first."""
    refuse_unknown(request)
    async with context(request).reads.reading() as db:
        rows = await store.listed(db, caller.tenants, state=state, limit=limit)
    request.state.answered = len(rows)
    return Alerts(items=[Alert.model_validate({**row._mapping, "title": store.title(row)}) for row in rows])  # noqa: SLF001


@router.post("/alerts/{fingerprint}/acknowledge", summary="Acknowledge an alert")
async def acknowledge(request: Request, fingerprint: IdInPath, caller: Admin) -> Acknowledged:
    """Its event is not repeated every day."""
    async with context(request).database.begin() as db:
        if not await store.listed(db, caller.tenants, fingerprint=fingerprint, limit=1):
            raise Problem(404, "There is no such alert.")
        return Acknowledged(acknowledged=await store.acknowledge(db, fingerprint, caller.name, datetime.now(UTC)))
