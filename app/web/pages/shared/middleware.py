"""What every answer to a browser has in common: headers that let nothing foreign in, and HEAD where there is GET.

It stands around the whole application, so that no page, redirect or error can be without.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.auth.page_paths import GUARDED, is_page
from app.web.pages.shared.render import HEADERS

_PROGRAMS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_ANY = {"X-Content-Type-Options": "nosniff"}
_STREAMS = ("/live", "/calls.csv")  # of these a HEAD would be as long as a GET


class PageEdge:
    """The application with these manners; a header that a route set itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _wanted(path, headers.get("content-type", "")).items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] == "HEAD" and _has_head(path):
            scope = {**scope, "method": "GET"}  # the server sends no body to whoever asked for none
        await self._app(scope, receive, take)


def _wanted(path: str, content_type: str) -> dict[str, str]:
    if f"{path}/".startswith(tuple(f"{root}/" for root in GUARDED)):
        return _PROGRAMS
    return HEADERS if _is_for_people(path) or content_type.startswith("text/html") else _ANY


def _has_head(path: str) -> bool:
    return (_is_for_people(path) and path not in _STREAMS) or path.startswith("/static/")


def _is_for_people(path: str) -> bool:
    return is_page(path) or f"{path}/".startswith("/sign-in/")
