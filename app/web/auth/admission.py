"""Which caller a request comes from: by a key, a token or the cookie of a sign-in session."""

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from app.access.caller import AccessRefused, Caller, LoginUnavailable
from app.web.auth import cookies
from app.web.auth.callers import shown_by
from app.web.auth.client_address import client_address
from app.web.auth.page_paths import is_page
from app.web.context import Context


async def admit(here: Context, scope: Scope) -> Caller:
    """The caller, as the database has it at this moment; raises Unauthenticated, MissingRole,
    TooManyWrongKeys or LoginUnavailable.

    A session is accepted on the pages, and on the API where it only reads: no forged form can change anything there.
    """
    headers = Headers(scope=scope)
    cookie = cookies.read(HTTPConnection(scope).cookies, here.graph.origins.of(scope), cookies.SESSION)
    by_session = is_page(scope["path"]) or (scope["method"] in {"GET", "HEAD"} and not shown_by(headers))
    if cookie is None or not by_session:
        return await _by_header(here, scope, headers)
    session = await here.sessions.read(cookie)
    scope.setdefault("state", {})["session"] = session
    return session.caller


async def _by_header(here: Context, scope: Scope, headers: Headers) -> Caller:
    if not (shown := shown_by(headers)):
        return await here.keys.caller(here.database, headers)  # which says how to send a key
    address = client_address(scope, here.graph.origins)
    return await here.wrong_keys.check(address, shown, lambda: here.keys.caller(here.database, headers))


async def still_admits(here: Context, scope: Scope, caller: Caller) -> bool:
    """Whether the same request would be admitted now with the same rights; for streams that are open for long."""
    try:
        return await admit(here, scope) == caller
    except (AccessRefused, LoginUnavailable, TimeoutError, SQLAlchemyError, OSError):
        return False
