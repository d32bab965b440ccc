"""Single requests without the client: without a token, or with a given one."""

from collections.abc import Generator
from typing import Any

from app.graph.transport import http_client
from app.graph.transport.answers import Answer

_NO_AUTH = http_client.Auth()


async def ask(http: http_client.Http, method: str, url: str, headers: http_client.Headers) -> Answer:
    """The complete answer, whatever its status; Unavailable where no answer came, with the reason as its cause."""
    return await http_client.send(http, _NO_AUTH, method, url, http_client.default_headers(http) | headers)


class Bearer(http_client.Auth):
    """Adds a given token, which is never renewed: a 401 is returned like any answer."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request
