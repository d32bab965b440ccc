"""Refuses NUL characters in a query: PostgreSQL's texts cannot contain them, and no parameter has a use for them."""

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.pages.shared.error_page import error_page, is_for_people
from app.web.problems import answer


class RefuseNul:
    """The application without queries that contain a NUL: 400 on both databases."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or b"%00" not in scope["query_string"]:
            await self._app(scope, receive, send)
            return
        request, detail = Request(scope), f"{_named(scope)}: contains a NUL character."
        refused = await error_page(request, 400, detail) if is_for_people(request) else answer(400, detail)
        await refused(scope, receive, send)


def _named(scope: Scope) -> str:
    """The first parameter with one; a name that contains it is not repeated."""
    found = (name for name, value in QueryParams(scope["query_string"]).multi_items() if "\0" in value)
    return next((name[:50] for name in found if "\0" not in name), "The query")
