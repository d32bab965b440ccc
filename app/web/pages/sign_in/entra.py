"""Signing in with Entra ID: to its login and back with a code, which proves who came.

Each way there has a state, a nonce and a verifier of its own, kept by the browser that went: an answer that another
browser brings, or that answers another question, opens nothing.
"""

from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.access.caller import LoginUnavailable, Powerless, Unknown
from app.graph.auth import sign_in_errors
from app.graph.errors import LoginFailed
from app.observability import log
from app.web.auth import cookies, page_paths
from app.web.auth.entra import Entra
from app.web.context import context
from app.web.pages.sign_in import api_key, flow_cookie
from app.web.pages.sign_in.flow_cookie import Flow
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

CALLBACK = "/sign-in/entra/callback"
LONGEST = 8 * 1024  # characters of Entra's answer; a code has one to two thousand

_OFF = "Nobody signs in with Entra ID here: the setting PAGES_SIGN_IN does not say so."
_NOT_HTTPS = "Entra ID leads back only to an address with https. Open these pages under one, or sign in with a key."
_OTHER = "This sign-in was not begun in this browser, or too long ago. Sign in again."
_NO_ROLE = (
    "Entra ID knows you, but you hold none of Callkeeper's roles. An administrator assigns you CallRecords.Read or "
    "CallRecords.Admin in the Entra admin center under Enterprise applications, Users and groups; then sign in again."
)
_WRONG = "What Entra ID sent proves nothing: {}. Sign in again; if it stays, check this machine's clock."
_AWAY = "Entra ID does not answer this service, or not usably; try again in a minute."

_log = log.get(__name__)


@router.get("/sign-in/entra")
async def leave(request: Request) -> Response:
    """To Entra ID, with a cookie that only the answer to this very question can open."""
    here, entra = context(request), _entra(request)
    origin = here.graph.origins.of(request.scope)
    wanted = page_paths.safe(request.query_params.get("next"))
    if not _leads_back(origin):
        return await api_key.shown(request, wanted, 400, problem=_NOT_HTTPS)
    try:
        there = await entra.begin(f"{origin}{CALLBACK}")
    except (LoginFailed, LoginUnavailable) as error:
        return await _refused(request, wanted, error)
    answer = RedirectResponse(there.url, 303)
    cookies.keep(
        answer, origin, cookies.FLOW, await flow_cookie.sealed(here.database, there, wanted), flow_cookie.LIFETIME
    )
    return answer


@router.get(CALLBACK)
async def come_back(request: Request) -> Response:
    """With a session, for whom Entra ID proves and gave a role; whatever comes of it, the way is used up."""
    here, entra = context(request), _entra(request)
    origin = here.graph.origins.of(request.scope)
    flow = await flow_cookie.opened(here.database, cookies.read(request.cookies, origin, cookies.FLOW))
    answer = await _received(request, entra, flow)
    cookies.drop(answer, origin, cookies.FLOW)
    return answer


async def _received(request: Request, entra: Entra, flow: Flow | None) -> Response:
    given = dict(request.query_params)
    is_ours = flow is not None and compare_digest(given.get("state", "").encode(), flow.state.encode())
    if flow is None or not is_ours or len(request.url.query) > LONGEST:
        _count(request, "sign_in")
        return await api_key.shown(request, "/", 400, problem=_OTHER)
    if "code" not in given:
        return await _turned_away(request, flow.wanted, given)
    try:
        caller = await entra.caller(flow.flow, flow.nonce, given)
    except (LoginFailed, LoginUnavailable, Unknown, Powerless) as error:
        return await _refused(request, flow.wanted, error)
    return await api_key.begun(request, caller, await context(request).sessions.of_token(caller), flow.wanted)


async def _turned_away(request: Request, wanted: str, given: dict[str, str]) -> Response:
    """Entra ID itself says no; of its words only the number counts, for they came with the address."""
    code = sign_in_errors.code_of(given.get("error_description", ""))
    _log.warning("entra_sign_in_failed", code=code)
    _count(request, "sign_in")
    return await api_key.shown(request, wanted, 403, problem=sign_in_errors.said(code, given.get("error", "")))


async def _refused(
    request: Request, wanted: str, error: LoginFailed | LoginUnavailable | Unknown | Powerless
) -> Response:
    match error:
        case Powerless():
            _count(request, "role")
            await api_key.noted(request, error.name, None, error.tenants, 403)
            return await api_key.shown(request, wanted, 403, problem=_NO_ROLE)
        case Unknown():
            _count(request, "token")
            return await api_key.shown(request, wanted, 403, problem=_WRONG.format(str(error).rstrip(".")))
        case LoginFailed(code=str(code)):
            _log.warning("entra_sign_in_failed", code=code)
            _count(request, "sign_in")
            return await api_key.shown(request, wanted, 403, problem=sign_in_errors.said(code))
        case _:
            # Not its message: what is wrong with an answer may be told with the answer.
            _log.warning("entra_sign_in_failed", error=type(error.__cause__ or error).__name__)
            return await api_key.shown(request, wanted, 503, problem=_AWAY)


def _entra(request: Request) -> Entra:
    entra = context(request).entra
    if entra is None:
        raise Problem(404, _OFF)
    return entra


def _leads_back(origin: str) -> bool:
    """Whether Entra ID takes it as a redirect URI: https, or this machine itself."""
    if cookies.is_secure(origin):
        return True
    host = urlsplit(origin).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _count(request: Request, reason: str) -> None:
    context(request).metrics.refused.labels(reason=reason).inc()
