"""Sign-in with Entra ID: redirect to its login, and back with an authorization code.

Each sign-in has its own state, nonce and PKCE verifier in a cookie of the browser that started it. A response in
another browser, or to another request, is rejected.
"""

from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.access.caller import LoginUnavailable, MissingRole, Unauthenticated
from app.graph.auth import sign_in_errors
from app.graph.errors import LoginFailed
from app.observability import log
from app.web.auth import cookies, page_paths
from app.web.auth.client_address import client_address
from app.web.auth.entra import Entra
from app.web.auth.wrong_keys import RETRY_AFTER
from app.web.context import context
from app.web.pages.sign_in import api_key, flow_cookie
from app.web.pages.sign_in.flow_cookie import Flow
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

CALLBACK = "/sign-in/entra/callback"
LONGEST = 8 * 1024  # characters of Entra ID's response; a code has 1,000 to 2,000

_OFF = "Sign-in with Entra ID is off. The setting PAGES_SIGN_IN turns it on."
_NOT_HTTPS = "Entra ID redirects only to https addresses. Open these pages over https, or sign in with a key."
_OTHER = "This sign-in was not started in this browser, or it took too long. Sign in again."
_NO_ROLE = (
    "Your account has none of Callkeeper's roles. An administrator assigns you CallRecords.Read or CallRecords.Admin "
    "in the Entra admin center under Enterprise applications, Users and groups. Then sign in again."
)
_INVALID = "The response of Entra ID is not valid: {}. Sign in again. If this repeats, check the clock of this server."
_TOO_MANY = "Too many sign-ins from your address failed. Wait a minute, then sign in again."
_UNAVAILABLE = "Entra ID did not respond, or its response was not usable. Try again in a minute."

_log = log.get(__name__)


@router.get("/sign-in/entra")
async def redirect_to_entra(request: Request) -> Response:
    """Redirect to Entra ID, with a cookie that only the response to this request can use."""
    here, entra = context(request), _entra(request)
    origin = here.graph.origins.of(request.scope)
    target = page_paths.safe(request.query_params.get("next"))
    if not _is_redirect_uri(origin):
        return await api_key.sign_in_page(request, target, 400, problem=_NOT_HTTPS)
    if here.sign_in_attempts.is_over(client_address(request.scope, here.graph.origins)):
        return await _too_many(request, target)
    try:
        begun = await entra.begin(f"{origin}{CALLBACK}")
    except (LoginFailed, LoginUnavailable) as error:
        return await _refused(request, target, error)
    answer = RedirectResponse(begun.url, 303)
    flow, secure = await flow_cookie.encrypt(here.database, begun, target), here.graph.origins.is_secure(request.scope)
    cookies.set_cookie(answer, origin, cookies.FLOW, flow, flow_cookie.LIFETIME, secure=secure)
    return answer


@router.get(CALLBACK)
async def callback(request: Request) -> Response:
    """Start a session for a user with a role. In every case the sign-in's cookie is deleted, so it works once."""
    here, entra = context(request), _entra(request)
    origin, secure = here.graph.origins.of(request.scope), here.graph.origins.is_secure(request.scope)
    flow = await flow_cookie.decrypt(here.database, cookies.read(request.cookies, origin, cookies.FLOW))
    answer = await _received(request, entra, flow)
    cookies.delete_cookie(answer, origin, cookies.FLOW, secure=secure)
    return answer


async def _received(request: Request, entra: Entra, flow: Flow | None) -> Response:
    here, parameters = context(request), dict(request.query_params)
    is_expected = flow is not None and compare_digest(parameters.get("state", "").encode(), flow.state.encode())
    if flow is None or not is_expected or len(request.url.query) > LONGEST:
        _count(request, "sign_in")
        return await api_key.sign_in_page(request, "/", 400, problem=_OTHER)
    if "code" not in parameters:
        return await _denied(request, flow.target, parameters)
    address, attempts = client_address(request.scope, here.graph.origins), here.sign_in_attempts
    if attempts.is_over(address):
        return await _too_many(request, flow.target)
    attempts.fail(address)  # before Entra ID is asked, so that concurrent attempts count
    try:
        caller = await entra.caller(flow.flow, flow.nonce, parameters)
    except (LoginFailed, LoginUnavailable, Unauthenticated, MissingRole) as error:
        if isinstance(error, MissingRole):
            attempts.forgive(address)
        return await _refused(request, flow.target, error)
    attempts.forgive(address)
    return await api_key.start_session(request, caller, "entra", flow.target)


async def _denied(request: Request, target: str, parameters: dict[str, str]) -> Response:
    """Entra ID denied the sign-in; only its error number is shown, because anyone can write the address."""
    code = sign_in_errors.code_of(parameters.get("error_description", ""))
    _log.warning("entra_sign_in_failed", code=code)
    _count(request, "sign_in")
    return await api_key.sign_in_page(
        request, target, 403, problem=sign_in_errors.said(code, parameters.get("error", ""))
    )


async def _too_many(request: Request, target: str) -> Response:
    """Without asking Entra ID, which limits the requests of an application: collecting uses the same one."""
    _count(request, "sign_in")
    answer = await api_key.sign_in_page(request, target, 429, problem=_TOO_MANY)
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


async def _refused(
    request: Request, target: str, error: LoginFailed | LoginUnavailable | Unauthenticated | MissingRole
) -> Response:
    match error:
        case MissingRole():
            _count(request, "role")
            if context(request).without_role.is_due(error.name):
                await api_key.record(request, error.name, None, error.tenants, 403)
            return await api_key.sign_in_page(request, target, 403, problem=_NO_ROLE)
        case Unauthenticated():
            _count(request, "token")
            return await api_key.sign_in_page(request, target, 403, problem=_INVALID.format(str(error).rstrip(".")))
        case LoginFailed(code=str(code)):
            _log.warning("entra_sign_in_failed", code=code)
            _count(request, "sign_in")
            return await api_key.sign_in_page(request, target, 403, problem=sign_in_errors.said(code))
        case _:
            # Without its message, which may quote the response.
            _log.warning("entra_sign_in_failed", error=type(error.__cause__ or error).__name__)
            return await api_key.sign_in_page(request, target, 503, problem=_UNAVAILABLE)


def _entra(request: Request) -> Entra:
    entra = context(request).entra
    if entra is None:
        raise Problem(404, _OFF)
    return entra


def _is_redirect_uri(origin: str) -> bool:
    """Whether Entra ID accepts it as a redirect URI: https, or localhost."""
    if origin.startswith("https://"):
        return True
    host = urlsplit(origin).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _count(request: Request, reason: str) -> None:
    context(request).metrics.refused.labels(reason=reason).inc()
