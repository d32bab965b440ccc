"""The subscriptions for those who look after them: what Graph tells us by, until when, and to renew one now."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.subscriptions import lifecycle, model
from app.web.auth.callers import Admin
from app.web.auth.page_paths import back
from app.web.context import context
from app.web.pages.shared import forms
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)


@router.get("/subscriptions")
async def subscriptions(request: Request, caller: Admin) -> Response:
    """By which Graph tells us of calls: each tenant's, those that ended lately included."""
    here = context(request)
    async with here.database.reading() as db:
        found = {tenant: await model.recent(db, tenant) for tenant in caller.among(here.tenant_ids)}
    return await page(
        request,
        "subscriptions.html",
        nav="/subscriptions",
        now=datetime.now(UTC),
        tenants=found,
        done=request.query_params.get("done"),
    )


@router.post("/subscriptions/renew")
async def renew(request: Request, caller: Admin) -> Response:
    """Asks whoever renews here to do it now, as Graph would ask; pages never call Graph themselves."""
    fields, here = await forms.sent(request), context(request)
    tenant_id = fields.get("tenant", "")
    if tenant_id not in caller.among(here.tenant_ids):
        raise Problem(422, "That tenant is not collected here.")
    async with here.database.begin() as db:
        live = await model.live(db, tenant_id)
        asked_of = live.subscription_id if live else ""
        await model.store_events(db, [(tenant_id, asked_of, lifecycle.RENEWAL)], datetime.now(UTC))
    return back(request, "/subscriptions?done=1")
