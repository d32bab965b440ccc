"""Subscriptions for administrators: when each expires, and renewing or creating one now."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import ids
from app.subscriptions import lifecycle, model
from app.web import unknown_parameters
from app.web.auth.callers import Admin
from app.web.auth.page_paths import back
from app.web.context import context
from app.web.pages.operations import renewal
from app.web.pages.shared import forms
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

WAIT = timedelta(minutes=2)  # in which the page reloads to see what came of a request


@router.get("/subscriptions")
async def subscriptions(request: Request, caller: Admin) -> Response:
    """Each tenant's subscriptions, recently ended ones included, and what became of a requested renewal."""
    unknown_parameters.refuse(request.query_params, ("tenant", "requested"))
    here, parameters = context(request), request.query_params
    requested_at = renewal.requested_at(parameters.get("requested", ""))
    async with here.database.reading() as db:
        found = {tenant: await model.recent(db, tenant) for tenant in caller.among(here.tenant_ids)}
        renewals = {}
        if requested_at and (tenant := ids.tenant_id(parameters.get("tenant", ""))) in found:
            renewals[tenant] = renewal.outcome(found[tenant], await model.pending_events(db, tenant), requested_at)
    return await page(
        request,
        "subscriptions.html",
        nav="/subscriptions",
        now=datetime.now(UTC),
        tenants=found,
        renewals=renewals,
        waits=requested_at is not None
        and any(one.state == "pending" and not one.problem for one in renewals.values())
        and datetime.now(UTC) - requested_at < WAIT,
    )


@router.post("/subscriptions/renew")
async def renew(request: Request, caller: Admin) -> Response:
    """Record a renewal request, as Graph would send it; the process that renews handles it. Pages never call Graph."""
    fields, here = await forms.sent(request), context(request)
    tenant_id, now = ids.tenant_id(fields.get("tenant", "")), datetime.now(UTC)
    if tenant_id not in caller.among(here.tenant_ids):
        raise Problem(422, "This tenant is not configured here.")
    async with here.database.begin() as db:
        active = await model.live(db, tenant_id)
        subscription_id = active.subscription_id if active else ""
        await model.store_events(db, [(tenant_id, subscription_id, lifecycle.RENEWAL)], now)
    return back(request, "/subscriptions?" + urlencode({"tenant": tenant_id, "requested": renewal.to_parameter(now)}))
