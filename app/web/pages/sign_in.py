"""Signing in with an API key, and out: the key goes into no cookie, only what proves that it was shown."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.access.audit import Entry
from app.access.caller import Caller, Unknown
from app.web.context import Context, context
from app.web.pages import forms, paths
from app.web.pages.render import page
from app.web.sessions import LIFETIME

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def form(request: Request) -> Response:
    """The form; whoever is signed in already may sign in as somebody else."""
    return await _form(request, paths.safe(request.query_params.get("next")))


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """With a valid key, a session and the page that was wanted."""
    fields = await forms.read(request)
    wanted, here = paths.safe(fields.get("next")), context(request)
    try:
        caller = await here.keys.of_key(here.database, fields.get("key", "").strip())
    except Unknown as error:
        here.metrics.refused.labels(reason=error.reason).inc()
        return await _form(request, wanted, status=401, problem="That key is not valid. Check that it is whole.")
    return await begun(request, caller, await here.sessions.of_key(caller), wanted)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Ends the session, in this browser and for whoever copied its cookie."""
    await forms.sent(request)
    await context(request).sessions.end(request.state.session, datetime.now(UTC))
    answer = RedirectResponse(f"{_root(request)}/sign-in?out=1", 303)
    answer.delete_cookie(paths.COOKIE, path="/")
    return answer


async def begun(request: Request, caller: Caller, cookie: str, wanted: str) -> Response:
    """The way to the page, with the session's cookie, once the audit has it."""
    here = context(request)
    await here.audit.add(_entry(request, caller))
    answer = RedirectResponse(f"{_root(request)}{wanted}", 303)
    secure = is_secure(request, here)
    answer.set_cookie(paths.COOKIE, cookie, max_age=LIFETIME, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


def is_secure(request: Request, here: Context) -> bool:
    """Whether the browser came over https, as far as the request or a trusted proxy tells."""
    return here.graph.origins.of(request.scope).startswith("https://")


async def _form(request: Request, wanted: str, *, status: int = 200, problem: str | None = None) -> Response:
    said = problem or ("You are signed out." if request.query_params.get("out") else None)
    values: dict[str, Any] = {"next": wanted, "said": said, "is_problem": problem is not None}
    return await page(request, "sign_in.html", status=status, entra=bool(context(request).entra), **values)


def _root(request: Request) -> str:
    return paths.root(context(request).graph.origins.of(request.scope))


def _entry(request: Request, caller: Caller) -> Entry:
    return Entry(
        at=datetime.now(UTC),
        who=caller.name,
        scope=caller.scope,
        tenants=caller.tenants,
        method="POST",
        route=request.url.path,
        call_id=None,
        parameters=(),
        status=303,
        answered=None,
    )
