"""Single requests beside the client: without a token, or with one that somebody holds already."""

from collections.abc import Generator
from typing import Any

from app.graph.transport import http_client
from app.graph.transport.answers import Answer

_NOBODY = http_client.Auth()


async def ask(http: http_client.Http, method: str, url: str, headers: http_client.RawHeaders) -> Answer:
    """The whole answer, whatever its status; Unavailable where none came, with the reason as its cause."""
    return await http_client.send(http, _NOBODY, method, url, [*http_client.default_headers(http), *headers])


class Bearer(http_client.Auth):
    """A token that is neither renewed nor got anew: what Graph says of it is the answer."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request
