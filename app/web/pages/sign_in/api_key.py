"""Signing in with an API key, and out: the key goes into no cookie, only what proves that it was shown."""

from contextlib import suppress
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import RedirectResponse, Response

from app.access.audit import Entry
from app.access.caller import Caller, Scope, Unauthenticated
from app.web.auth import cookies, page_paths
from app.web.auth.sign_in_sessions import LIFETIME
from app.web.context import context
from app.web.pages.shared import forms
from app.web.pages.shared.render import page
from app.web.problems import LATER, Problem

router = APIRouter(include_in_schema=False)

_NO_KEYS = "Keys do not open the pages here; sign in with Microsoft. For programs they are good as ever."


@router.get("/sign-in")
async def form(request: Request) -> Response:
    """The form; whoever is signed in already may sign in as somebody else."""
    said = "You are signed out." if request.query_params.get("out") else None
    return await shown(request, page_paths.safe(request.query_params.get("next")), said=said)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """With a valid key, a session and the page that was wanted."""
    fields = await forms.read(request)
    wanted, here = page_paths.safe(fields.get("next")), context(request)
    if not here.by_key:
        raise Problem(403, _NO_KEYS)
    try:
        caller = await here.keys.of_key(here.database, fields.get("key", "").strip())
        cookie = await here.sessions.of_key(caller)
    except Unauthenticated as error:
        here.metrics.refused.labels(reason=error.reason).inc()
        return await shown(request, wanted, 401, problem="That key is not valid. Check that it is whole.")
    return await begun(request, caller, cookie, wanted)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Ends the session, in this browser and for whoever copied its cookie."""
    await forms.sent(request)
    here = context(request)
    await here.sessions.end(request.state.session, datetime.now(UTC))
    origin = here.graph.origins.of(request.scope)
    answer = RedirectResponse(f"{page_paths.root(origin)}/sign-in?out=1", 303)
    cookies.drop(answer, origin, cookies.SESSION)
    return answer


async def begun(request: Request, caller: Caller, cookie: str, wanted: str) -> Response:
    """The way to the page, with the session's cookie, once the audit has it; an older session of this browser ends."""
    await noted(request, caller.name, caller.scope, caller.tenants, 303)
    here = context(request)
    origin = here.graph.origins.of(request.scope)
    if before := cookies.read(request.cookies, origin, cookies.SESSION):
        with suppress(Unauthenticated):
            await here.sessions.end(await here.sessions.read(before), datetime.now(UTC))
    answer = RedirectResponse(f"{page_paths.root(origin)}{wanted}", 303)
    cookies.keep(answer, origin, cookies.SESSION, cookie, LIFETIME)
    return answer


async def noted(request: Request, who: str, scope: Scope | None, tenants: tuple[str, ...] | None, status: int) -> None:
    """Into the audit; a sign-in that cannot be recorded is none."""
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
        raise Problem(503, "This sign-in could not be recorded, so it is none; try again.", headers=LATER) from None


async def shown(
    request: Request, wanted: str, status: int = 200, *, said: str | None = None, problem: str | None = None
) -> Response:
    """The page on which one signs in, by the ways that there are, and what is to be said above them."""
    here = context(request)
    return await page(
        request,
        "sign_in.html",
        status=status,
        next=wanted,
        said=problem or said,
        is_problem=problem is not None,
        is_wrong_key=status == 401,
        entra=here.entra is not None,
        by_key=here.by_key,
    )
