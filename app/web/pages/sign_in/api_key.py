"""Sign-in with an API key, and sign-out: the cookie holds a session that proves the key, never the key."""

from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import RedirectResponse, Response

from app.access.audit import Entry
from app.access.caller import Caller, Scope, Unauthenticated
from app.access.sign_in_sessions import Method
from app.ids import TenantId
from app.web.auth import cookies, page_paths
from app.web.auth.client_address import client_address
from app.web.auth.sign_in_sessions import LIFETIME
from app.web.auth.wrong_keys import RETRY_AFTER, TooManyWrongKeys
from app.web.context import context
from app.web.pages.shared import forms
from app.web.pages.shared.render import page
from app.web.problems import LATER, Problem

router = APIRouter(include_in_schema=False)

_NOT_VALID = "This key is not valid. Check that you copied it completely."
_EXPIRED = "This key has expired. An administrator creates another one."
_NO_KEYS = "API keys cannot sign in here. Sign in with Microsoft. Programs can still use their keys."


@router.get("/sign-in")
async def form(request: Request) -> Response:
    """The form, also for a signed-in user, who may sign in as another one."""
    message = "You are signed out." if request.query_params.get("out") else None
    return await sign_in_page(request, page_paths.safe(request.query_params.get("next")), message=message)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """With a valid key: start a session and redirect to the requested page."""
    fields = await forms.read(request)
    target, here = page_paths.safe(fields.get("next")), context(request)
    if not here.by_key:
        raise Problem(403, _NO_KEYS)
    try:
        caller = await _caller(request, fields.get("key", "").strip())
    except Unauthenticated as error:
        here.metrics.refused.labels(reason=error.reason).inc()
        return await sign_in_page(request, target, 401, problem=_EXPIRED if error.reason == "expired" else _NOT_VALID)
    except TooManyWrongKeys as error:
        answer = await sign_in_page(request, target, 429, problem=str(error))
        answer.headers["Retry-After"] = str(RETRY_AFTER)
        return answer
    return await start_session(request, caller, "key", target)


async def _caller(request: Request, key: str) -> Caller:
    here = context(request)
    address = client_address(request.scope, here.graph.origins)
    return await here.wrong_keys.check(address, key, lambda: here.keys.of_key(here.database, key))


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session on the server, so that a copied cookie is invalid too."""
    await forms.sent(request)
    here = context(request)
    await here.sessions.end(request.state.session)
    origin = here.graph.origins.of(request.scope)
    answer = RedirectResponse(f"{page_paths.root(origin)}/sign-in?out=1", 303)
    cookies.delete_cookie(answer, origin, cookies.SESSION, secure=here.graph.origins.is_secure(request.scope))
    return answer


async def start_session(request: Request, caller: Caller, method: Method, target: str) -> Response:
    """Record the sign-in, end an older session of this browser, and redirect with the new session's cookie."""
    await record(request, caller.name, caller.scope, caller.tenants, 303)
    here = context(request)
    origin = here.graph.origins.of(request.scope)
    secure = here.graph.origins.is_secure(request.scope)
    if before := cookies.read(request.cookies, origin, cookies.SESSION):
        with suppress(Unauthenticated):
            await here.sessions.end(await here.sessions.read(before))
    answer = RedirectResponse(f"{page_paths.root(origin)}{target}", 303)
    token = await here.sessions.start(caller, method)
    cookies.set_cookie(answer, origin, cookies.SESSION, token, LIFETIME, secure=secure)
    return answer


async def record(
    request: Request, who: str, scope: Scope | None, tenants: tuple[TenantId, ...] | None, status: int
) -> None:
    """Add the sign-in to the audit; a sign-in that cannot be recorded is refused (503)."""
    entry = Entry(
        at=datetime.now(UTC),
        who=who,
        scope=scope,
        tenants=tenants,
        method=request.method,
        route=request.scope["route"].path,
        call_id=None,
        parameters=(),
        status=status,
        answered=None,
    )
    try:
        await context(request).audit.add(entry)
    except (SQLAlchemyError, OSError):
        raise Problem(
            503, "The sign-in could not be recorded in the audit, so it was refused. Try again.", headers=LATER
        ) from None


async def sign_in_page(
    request: Request, target: str, status: int = 200, *, message: str | None = None, problem: str | None = None
) -> Response:
    """The sign-in page with the available methods, and a message or problem above them."""
    here = context(request)
    return await page(
        request,
        "sign_in.html",
        status=status,
        next=target,
        message=problem or message,
        is_problem=problem is not None,
        is_wrong_key=status == 401,
        entra=here.entra is not None,
        by_key=here.by_key,
        open_at=_https_address(request),
    )


def _https_address(request: Request) -> str | None:
    """Where to sign in instead, for a browser that does not store our cookies because it does not use https."""
    origins = context(request).graph.origins
    origin = origins.of(request.scope)
    is_local = urlsplit(origin).hostname in {"localhost", "127.0.0.1", "::1"}
    return origins.public_url if origins.is_https and not origin.startswith("https://") and not is_local else None
