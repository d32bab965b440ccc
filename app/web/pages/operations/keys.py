"""API keys for administrators: who has which, since when and until when; creating and revoking."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import ids
from app.access import keys
from app.access.caller import Scope
from app.access.keys import KeyRefused
from app.archive.sites import overview
from app.ids import TenantId
from app.inbox import tenant_state
from app.settings import units
from app.web import unknown_parameters
from app.web.auth.callers import Admin, Caller
from app.web.auth.page_paths import back
from app.web.context import context
from app.web.pages.shared import forms
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

SCOPES: tuple[Scope, ...] = get_args(Scope)
USUAL = "90d"  # the age that the form proposes
OFFERED = 500  # names of sites in the form; others can be typed
_FIELDS = ("name", "scope", "tenant", "site", "expires")


@router.get("/keys")
async def api_keys(request: Request, caller: Admin) -> Response:
    """All keys; of the key itself nothing is stored that could be shown."""
    unknown_parameters.refuse(request.query_params, ("revoked",))
    return await _shown(request, caller)


@router.post("/keys")
async def create(request: Request, caller: Admin) -> Response:
    """Create a key and show it, this once."""
    fields, here, now = await forms.sent(request), context(request), datetime.now(UTC)
    await _sees_all(request, caller)
    values = {name: fields.get(name, "").strip() for name in _FIELDS}
    try:
        scope = _scope(values["scope"])
        expires_at = now + _age(values["expires"]) if values["expires"] else None
        tenants = [_tenant(values["tenant"], here.tenant_ids)] if values["tenant"] else None
        sites = [values["site"]] if values["site"] else None
        async with here.database.begin() as db:
            key = await keys.create(db, values["name"], scope, tenants, now, expires_at=expires_at, sites=sites)
    except KeyRefused as error:
        return await _shown(request, caller, status=422, problem=str(error), values=values)
    return await _shown(request, caller, created=values["name"], key=key, site=values["site"])


@router.post("/keys/{name}/revoke")
async def revoke(request: Request, name: str, caller: Admin) -> Response:
    """From now on every replica refuses the key."""
    await forms.sent(request)
    await _sees_all(request, caller)
    try:
        async with context(request).database.begin() as db:
            await keys.revoke(db, name, datetime.now(UTC))
    except KeyRefused:
        raise Problem(404, "There is no key of this name.") from None
    return back(request, "/keys?revoked=1")


async def _shown(
    request: Request,
    caller: Caller,
    *,
    status: int = 200,
    problem: str = "",
    values: dict[str, str] | None = None,
    created: str = "",
    key: str = "",
    site: str = "",
) -> Response:
    await _sees_all(request, caller)
    here, now = context(request), datetime.now(UTC)
    async with here.database.reading() as db:
        rows = await keys.list_keys(db)
        sites = [one["site"] for one in await overview.sites(db, now.date())]
    request.state.answered = len(rows)
    return await page(
        request,
        "keys.html",
        nav="/keys",
        status=status,
        now=now,
        rows=sorted(({**row, "state": _state(row, now)} for row in rows), key=_order),
        revoked=request.query_params.get("revoked") == "1",
        problem=problem,
        values=values or {"expires": USUAL, "scope": "read"},
        created=created,
        key=key,
        sites=sites[:OFFERED],
        unknown_site=site if site not in sites else "",
        SCOPES=SCOPES,
    )


async def _sees_all(request: Request, caller: Caller) -> None:
    """A caller of some tenants could otherwise create a key for all of them."""
    async with context(request).reads.reading() as db:
        known = await tenant_state.tenant_ids(db)
    if caller.tenants is not None or not all(map(caller.sees, known)):
        raise Problem(403, "Keys give access to all tenants. This needs a key that is not restricted to some of them.")


def _scope(text: str) -> Scope:
    if (scope := next((scope for scope in SCOPES if scope == text), None)) is None:
        raise KeyRefused("choose the scope read or admin")
    return scope


def _tenant(text: str, known: tuple[TenantId, ...]) -> TenantId:
    if (tenant_id := ids.tenant_id(text)) not in known:
        raise KeyRefused("choose one of the tenants")
    return tenant_id


def _age(text: str) -> timedelta:
    try:
        age: timedelta = units.duration(text)
    except ValueError as error:
        raise KeyRefused(
            f"the expiry {error}; write for example 90d, or nothing for a key that does not expire"
        ) from None
    return age


def _state(row: dict[str, Any], now: datetime) -> str:
    if row["revoked_at"] is not None:
        return "revoked"
    return "expired" if row["expires_at"] is not None and row["expires_at"] <= now else "active"


def _order(row: dict[str, Any]) -> tuple[bool, str]:
    return row["state"] != "active", row["name"]
