"""Webhooks for administrators: where events are sent, what waits, what failed and why, replay."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.outbound.formats import formats
from app.outbound.registry import deliveries, listing, webhooks
from app.outbound.sending.target import WebhookRefused
from app.outbox import writing
from app.outbox.event import MEANINGS, SUBSCRIBABLE, TEST_PING, Event
from app.outbox.tables import STATES
from app.web import unknown_parameters
from app.web.api.webhooks import found, tenants_of
from app.web.auth.callers import Admin, Caller
from app.web.auth.page_paths import back
from app.web.context import context
from app.web.cursors import ListCursors
from app.web.pages.shared import forms
from app.web.pages.shared.render import page
from app.web.path_ids import IdInPath
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

LIMIT = 50  # deliveries on one page
_DONE = {
    "removed": "The webhook is removed. Its deliveries are deleted within a minute.",
    "tested": "The event test.ping is due now. A worker sends it within seconds; the list shows the answer.",
    "replayed": "The failed deliveries are due now.",
    "enabled": "The webhook is active again. Replay sends the events that failed meanwhile.",
}


@router.get("/webhooks")
async def overview(request: Request, caller: Admin) -> Response:
    """All webhooks, and the deliveries of one of them."""
    unknown_parameters.refuse(request.query_params, ("id", "state", "cursor", "done"))
    return await _shown(request, caller)


@router.post("/webhooks")
async def add(request: Request, caller: Admin) -> Response:
    """Add a webhook and show its secret, this once."""
    fields, here = await forms.sent(request), context(request)
    kinds = [kind for kind in SUBSCRIBABLE if fields.get(kind) == "on"]
    url, form = fields.get("url", "").strip(), fields.get("format", formats.STANDARD)
    tenants = tenants_of(caller, [fields["tenant"]] if fields.get("tenant") else None)
    given: dict[str, Any] = {
        "tenants": tenants,
        "by": caller.name,
        "at": datetime.now(UTC),
        "allowed": here.webhook_allow,
    }
    try:
        async with here.database.begin() as db:
            added = await webhooks.add(db, url, kinds, form, **given)
    except WebhookRefused as error:
        values: dict[str, Any] = {"url": url, "format": form, "kinds": kinds}
        return await _shown(request, caller, status=422, problem=str(error), values=values)
    return await _shown(request, caller, created=added.webhook_id, secret=added.secret)


@router.post("/webhooks/{webhook_id}/rotate")
async def rotate(request: Request, webhook_id: IdInPath, caller: Admin) -> Response:
    """Show a new secret, this once."""
    await forms.sent(request)
    async with context(request).database.begin() as db:
        await found(db, webhook_id, caller)
        try:
            secret = await webhooks.rotate(db, webhook_id, caller.tenants, datetime.now(UTC))
        except WebhookRefused as error:
            raise Problem(422, str(error)) from None
    return await _shown(request, caller, created=webhook_id, secret=secret)


@router.post("/webhooks/{webhook_id}/{action}")
async def act(request: Request, webhook_id: IdInPath, action: str, caller: Admin) -> Response:
    """Remove, test, replay or enable a webhook."""
    await forms.sent(request)
    now = datetime.now(UTC)
    async with context(request).database.begin() as db:
        await found(db, webhook_id, caller)
        match action:
            case "remove":
                await webhooks.remove(db, webhook_id, caller.tenants)
                return back(request, "/webhooks?done=removed")
            case "test":
                await writing.write_to(db, webhook_id, Event(TEST_PING, f"test {now.isoformat()}", None, {}), now)
                return back(request, f"/webhooks?id={webhook_id}&done=tested")
            case "replay":
                await deliveries.replay(db, webhook_id)
                return back(request, f"/webhooks?id={webhook_id}&done=replayed")
            case "enable":
                await webhooks.enable(db, webhook_id, caller.tenants)
                return back(request, f"/webhooks?id={webhook_id}&done=enabled")
    raise Problem(404, "There is no such page.")


async def _shown(
    request: Request,
    caller: Caller,
    *,
    status: int = 200,
    problem: str = "",
    values: dict[str, Any] | None = None,
    created: str = "",
    secret: str | None = None,
) -> Response:
    here, asked = context(request), request.query_params
    state = asked.get("state") if asked.get("state") in STATES else None
    cursors = await ListCursors.of(here.database, "deliveries")
    after = cursors.read(asked.get("cursor") or None)
    async with here.database.reading() as db:
        rows = await listing.all_of(db, caller.tenants)
        one = next((row for row in rows if row["id"] == asked.get("id")), None)
        before = after[1] if after else None
        sent = await deliveries.page(db, one["id"], state=state, before=before, limit=LIMIT + 1) if one else []
    request.state.answered = len(rows) + len(sent[:LIMIT])
    return await page(
        request,
        "webhooks.html",
        nav="/webhooks",
        status=status,
        now=datetime.now(UTC),
        rows=rows,
        one=one,
        sent=[listing.delivery(row) for row in sent[:LIMIT]],
        next_cursor=cursors.write(sent[LIMIT - 1].created_at, sent[LIMIT - 1].id) if len(sent) > LIMIT else None,
        state=state,
        states=STATES,
        done=_DONE.get(asked.get("done", "")),
        problem=problem,
        values=values or {"url": "", "format": formats.STANDARD, "kinds": []},
        created=created,
        secret=secret,
        formats=list(formats.BODIES),
        choices=caller.among(here.tenant_ids),
        kinds={kind: MEANINGS[kind] for kind in SUBSCRIBABLE},
    )
