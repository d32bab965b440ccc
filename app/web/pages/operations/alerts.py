"""Alerts: what fires, what is over, and the calls behind it; administrators acknowledge."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.alerts import store
from app.archive.schema.periods import HOUR, begin_of
from app.web import unknown_parameters
from app.web.auth.callers import Admin, Reader
from app.web.auth.page_paths import back
from app.web.context import context
from app.web.pages.shared import forms
from app.web.pages.shared.render import page
from app.web.path_ids import IdInPath
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

STATES = ("firing", "resolved")
LIMIT = 100
BEFORE = timedelta(hours=2)  # the windows that an alert looks at, with its own


@router.get("/alerts")
async def alerts(request: Request, caller: Reader) -> Response:
    """Newest first; ``id`` is a fingerprint, whose history is shown."""
    unknown_parameters.refuse(request.query_params, ("state", "id", "done"))
    asked = request.query_params
    state = asked.get("state") if asked.get("state") in STATES else None
    async with context(request).reads.reading() as db:
        rows = await store.listed(db, caller.tenants, state=state, fingerprint=asked.get("id") or None, limit=LIMIT)
    request.state.answered = len(rows)
    return await page(
        request,
        "alerts.html",
        nav="/alerts",
        now=datetime.now(UTC),
        rows=[_shown(row) for row in rows],
        state=state,
        states=STATES,
        one=asked.get("id"),
        done=asked.get("done") == "1",
    )


@router.post("/alerts/{fingerprint}/acknowledge")
async def acknowledge(request: Request, fingerprint: IdInPath, caller: Admin) -> Response:
    """Its event is not repeated every day."""
    await forms.sent(request)
    async with context(request).database.begin() as db:
        if not await store.listed(db, caller.tenants, fingerprint=fingerprint, limit=1):
            raise Problem(404, "There is no such alert.")
        await store.acknowledge(db, fingerprint, caller.name, datetime.now(UTC))
    return back(request, f"/alerts?id={fingerprint}&done=1")


def _shown(row: Any) -> dict[str, Any]:
    begun = begin_of(row.hour)
    span = {"from": f"{begun - BEFORE:%Y-%m-%dT%H:%MZ}", "to": f"{begun + HOUR:%Y-%m-%dT%H:%MZ}", "quality": "poor"}
    where = {row.dimension: row.value} if row.dimension == "site" else {}
    calls = urlencode({**span, **where, "tenant": row.tenant_id})
    return {**row._mapping, "title": store.title(row), "window": begun, "calls_query": calls}  # noqa: SLF001
