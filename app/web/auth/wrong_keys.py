"""Slows down guessing: after ten wrong keys from one address in a minute, unknown keys from there wait first.

A key that was accepted before is not delayed, so that guesses from the same proxy stop no other program.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable

from app.access import keys
from app.access.caller import AccessRefused, Caller, Unauthenticated
from app.observability.metrics import Metrics
from app.web.auth.attempts import Attempts

DELAY = 2.0  # seconds
WAITING_OF_ADDRESS, WAITING = 4, 64  # requests that wait at once; further ones are refused
RETRY_AFTER = 60  # seconds
ACCEPTED = 1_000  # keys and tokens whose last use is remembered

Sleep = Callable[[float], Awaitable[None]]


class TooManyWrongKeys(AccessRefused):
    """More requests with unknown keys wait than is allowed: 429."""


class WrongKeys:
    """``await wrong_keys.check(address, key, look_up)`` returns the caller that ``look_up`` finds."""

    def __init__(self, metrics: Metrics, attempts: Attempts | None = None, *, sleep: Sleep = asyncio.sleep) -> None:
        self._metrics = metrics
        self._attempts = attempts or Attempts()
        self._sleep = sleep
        self._waiting: Counter[str] = Counter()
        self._accepted: OrderedDict[bytes, None] = OrderedDict()

    async def check(self, address: str, shown: str, look_up: Callable[[], Awaitable[Caller]]) -> Caller:
        """Raises TooManyWrongKeys, or what ``look_up`` raises; counts an Unauthenticated as a wrong key."""
        hashed = keys.digest(shown)
        if hashed not in self._accepted and self._attempts.is_over(address):
            await self._delay(address)
        try:
            caller = await look_up()
        except Unauthenticated:
            self._accepted.pop(hashed, None)
            self._attempts.fail(address)
            raise
        self._accept(hashed)
        return caller

    async def _delay(self, address: str) -> None:
        if self._waiting[address] >= WAITING_OF_ADDRESS or self._waiting.total() >= WAITING:
            self._metrics.wrong_key_limits.labels(action="refused").inc()
            raise TooManyWrongKeys("Too many wrong keys came from this address. Wait a minute, then try again.")
        self._metrics.wrong_key_limits.labels(action="delayed").inc()
        self._waiting[address] += 1
        try:
            await self._sleep(DELAY)
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]

    def _accept(self, hashed: bytes) -> None:
        self._accepted[hashed] = None
        self._accepted.move_to_end(hashed)
        if len(self._accepted) > ACCEPTED:
            self._accepted.popitem(last=False)
