"""Signing in to the pages with Entra ID: there and back, off the event loop, and only so many at once."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from app.access.caller import Caller, LoginUnavailable
from app.access.id_tokens import IdTokens
from app.graph.auth.sign_in import Begun, SignIn

AT_ONCE = 4  # threads that wait for the login host; the others are for pages
PATIENCE = 10.0  # seconds until one of them is free

T = TypeVar("T")


class Entra:
    """``SignIn`` redirects people there and back, ``IdTokens`` says who signed in."""

    def __init__(self, sign_in: SignIn, id_tokens: IdTokens) -> None:
        self._sign_in = sign_in
        self._id_tokens = id_tokens
        self._places = asyncio.Semaphore(AT_ONCE)

    async def begin(self, redirect_uri: str) -> Begun:
        """LoginFailed or LoginUnavailable where that cannot be."""
        return await self._in_thread(lambda: self._sign_in.begin(redirect_uri))

    async def caller(self, flow: Mapping[str, Any], nonce: str, answer: Mapping[str, str]) -> Caller:
        """Whom Entra's answer proves; LoginFailed, LoginUnavailable, Unauthenticated or MissingRole."""
        token = await self._in_thread(lambda: self._sign_in.finish(flow, answer))
        return await self._id_tokens.caller(token, nonce)

    async def _in_thread(self, ask: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._places.acquire()
        except TimeoutError:
            raise LoginUnavailable("too many sign in at once") from None
        try:
            return await asyncio.to_thread(ask)
        finally:
            self._places.release()
