"""Middleware: security headers on every response, and HEAD wherever a page has GET.

It wraps the entire application, so that no page, redirect or error lacks them.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.auth.page_paths import GUARDED, is_page
from app.web.pages.shared.render import HEADERS

HSTS = "max-age=31536000"  # seconds; RFC 6797. Browsers ignore it in an answer over plain http.

_API = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_ANY = {"X-Content-Type-Options": "nosniff"}
_STREAMS = ("/live", "/calls.csv", "/audit.csv")  # a HEAD of these would read as much as a GET


class PageEdge:
    """The application with these headers; a header that a route has set is not changed."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        """With ``https``, browsers that have once used https for this host use nothing else for a year."""
        self._app = app
        self._always = {"Strict-Transport-Security": HSTS} if https else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (_headers(path, headers.get("content-type", "")) | self._always).items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] == "HEAD" and _has_head(path):
            scope = {**scope, "method": "GET"}  # the server drops the body of a HEAD response
        await self._app(scope, receive, take)


def _headers(path: str, content_type: str) -> dict[str, str]:
    if f"{path}/".startswith(tuple(f"{root}/" for root in GUARDED)):
        return _API
    return HEADERS if _is_html(path) or content_type.startswith("text/html") else _ANY


def _has_head(path: str) -> bool:
    return (_is_html(path) and path not in _STREAMS) or path.startswith("/static/")


def _is_html(path: str) -> bool:
    return is_page(path) or f"{path}/".startswith("/sign-in/")
