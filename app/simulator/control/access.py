"""Access to the control routes: only from this machine; an invalid request is a 400 that says why."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from app.simulator.errors import json_response
from app.simulator.graph.subscriptions.subscription import is_loopback

PREFIX = "/_control"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Route = tuple[str, str, Handler]


class ControlAccess:
    def __init__(self, token: str | None = None) -> None:
        self.token = token

    def routes(self, table: list[Route]) -> list[web.RouteDef]:
        return [web.route(method, PREFIX + path, self.with_access_check(handler)) for method, path, handler in table]

    def with_access_check(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            if not is_loopback(request.remote or "") or not self.has_token(request):
                return json_response(
                    {"error": "loopback address and control token required"},
                    status=HTTPStatus.FORBIDDEN,
                )
            try:
                return await handler(request)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                text = f"{type(error).__name__}: {error}"
                return json_response({"error": text}, status=HTTPStatus.BAD_REQUEST)

        return answer

    def has_token(self, request: web.Request) -> bool:
        return self.token is None or request.headers.get("X-Control-Token") == self.token
