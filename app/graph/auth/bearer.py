"""Adds a bearer token to each request to Graph, renews it in time, and adds it to no request to another host."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from time import monotonic

import httpx

from app.graph.auth.credentials import Certificate, Credential, FederatedToken, ManagedIdentity, Secret
from app.graph.auth.login import Login, Token
from app.graph.errors import LoginFailed, Refused
from app.graph.transport import links

__all__ = ["Certificate", "Credential", "FederatedToken", "GraphAuth", "ManagedIdentity", "Secret"]

_EARLY = 300.0
_PAUSE_AFTER_FAILURE = 30.0
_REFUSED_AGE = 60.0  # seconds: a token is renewed after a 403 at most so often


class GraphAuth(httpx.Auth):
    """Concurrent requests share one token and one login."""

    def __init__(self, login: Login, clock: Callable[[], float] = monotonic) -> None:
        self._login = login
        self._origin = links.origin(login.graph_root)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._value = ""
        self._renew_at = 0.0
        self._ends_at = 0.0
        self._stored_at = 0.0
        self._is_refused = False
        self._logins = 0
        self._failure: str | None = None

    async def token(self) -> str:
        """A token that is valid for at least some minutes; LoginFailed if the login returns none."""
        if self._value and self._clock() < self._renew_at:
            return self._value
        return await self._renewed(rejected=None)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sends the request with a token, and once more with a fresh one if Graph answers 401."""
        self._assert_graph(request.url)
        token = await self.token()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            token = await self._renewed(rejected=token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request
        elif response.status_code == httpx.codes.FORBIDDEN:
            self._renew_refused(token)

    def _renew_refused(self, token: str) -> None:
        """The next request has a new token: a permission that was granted meanwhile is only in a new one."""
        if token == self._value and self._clock() - self._stored_at >= _REFUSED_AGE:
            self._is_refused = True
            self._renew_at = self._clock()

    def _assert_graph(self, url: httpx.URL) -> None:
        port = url.port or {"http": 80, "https": 443}.get(url.scheme)
        if (url.scheme, url.host, port) != self._origin:
            raise Refused("the token is only sent to Graph's own host")

    async def _renewed(self, *, rejected: str | None) -> str:
        logins = self._logins
        async with self._lock:
            if self._logins != logins:
                return self._shared()
            if rejected is not None and rejected != self._value:
                return self._value
            if rejected is None and self._value and self._clock() < self._renew_at:
                return self._value
            return await self._log_in(rejected=rejected)

    def _shared(self) -> str:
        # A caller that waited for the lock shares the outcome of the login that it waited for, success or failure.
        if self._failure is not None:
            raise LoginFailed(self._failure)
        return self._value

    async def _log_in(self, *, rejected: str | None) -> str:
        try:
            token = await asyncio.to_thread(self._login.token, fresh=rejected is not None or self._is_refused)
        except LoginFailed as error:
            self._logins += 1
            if rejected is None and self._value and self._clock() < self._ends_at:
                self._renew_at = self._clock() + _PAUSE_AFTER_FAILURE
                return self._value
            self._failure = str(error)
            raise
        # Only a finished login has an outcome to share: a cancelled one has none.
        self._logins += 1
        self._failure = None
        self._store(token)
        return self._value

    def _store(self, token: Token) -> None:
        now = self._clock()
        self._value = token.value
        self._stored_at, self._is_refused = now, False
        self._ends_at = now + token.lifetime
        self._renew_at = self._ends_at - min(_EARLY, token.lifetime / 2)
