"""Errors as people and programs get them: application/problem+json (RFC 9457), saying what is wrong and what to do."""

from collections.abc import Awaitable, Callable
from socket import gaierror
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.db import TooSlowError
from app.db.outage.causes import in_words
from app.observability import log
from app.observability.rare_log import RareLog

_TITLES = {
    400: "Bad request",
    401: "Authentication required",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    409: "Conflict",
    413: "Too large",
    422: "Wrong parameter",
    429: "Too many requests",
    500: "Internal error",
    503: "Service unavailable",
    504: "Took too long",
}
NO_DATABASE = "The database does not answer; try again."
LATER = {"Retry-After": "5"}
_TOO_SLOW = (
    "This read took longer than {:.0f} s and was stopped. Ask for less: a shorter period (`from`, `to`), one tenant, "
    "or a complete id or address instead of a part of a name."
)

# What is raised while the database is away; routes call no other service but the login, which has its own errors.
_AWAY = (OperationalError, InterfaceError, PoolTimeout, ConnectionError, TimeoutError, gaierror)

_log = log.get(__name__)


class Problem(Exception):
    """Raised in a route, answered as its document."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.more = more


def answer(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    """The document for one error."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status, "detail": detail, **more}
    return Response(orjson.dumps(body), status, headers, media_type="application/problem+json")


def install(
    app: FastAPI,
    is_for_people: Callable[[Request], bool],
    page: Callable[[Request, int, str], Awaitable[Response]],
) -> None:
    """Every error of the app becomes a problem document; for people, the ``page`` that shows it."""

    async def answered(request: Request, status: int, detail: str, headers: Any = None, **more: Any) -> Response:
        if is_for_people(request):
            shown = await page(request, status, detail)
            shown.headers.update(headers or {})
            return shown
        return answer(status, detail, headers, **more)

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return await answered(request, error.status, error.detail, error.headers, **error.more)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return await answered(request, error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        wrong = [{"parameter": str(e["loc"][-1]), "problem": e["msg"]} for e in error.errors()]
        detail = "; ".join(f"{w['parameter']}: {w['problem']}" for w in wrong)
        return await answered(request, 422, detail, errors=wrong)

    unavailable = RareLog(lambda why, times: _log.error("database_unavailable", error=why, times=times))

    async def _away(request: Request, error: Exception) -> Response:
        unavailable.note(in_words(error))
        return await answered(request, 503, NO_DATABASE, LATER)

    for away in _AWAY:
        app.add_exception_handler(away, _away)

    @app.exception_handler(TooSlowError)
    async def _too_slow(request: Request, error: TooSlowError) -> Response:
        _log.warning("read_too_slow", route=_route(request), seconds=error.seconds)
        return await answered(request, 504, _TOO_SLOW.format(error.seconds))

    @app.exception_handler(Exception)
    async def _mistake(request: Request, error: Exception) -> Response:
        _log.error("request_failed", route=_route(request), error=type(error).__name__)
        return await answered(request, 500, "An internal error occurred; the log of the service has the details.")


def _route(request: Request) -> str | None:
    """Not the path: it may contain anything instead of an id, a person's name or a key."""
    return getattr(request.scope.get("route"), "path", None)
