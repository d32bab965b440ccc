"""Turns: how many requests of one kind run at a time, in the process and for each caller; the others wait a while."""

import asyncio
from collections import Counter, deque
from typing import NamedTuple

from app.web.reads.limits import TurnLimits


class TooManyRequests(Exception):
    """No turn came in time, or too many requests of the caller wait already; the message is for the caller."""


class _Waiting(NamedTuple):
    caller: str
    turn: asyncio.Future[None]


class Turns:
    """``await turns.take(caller)``, then ``turns.give_back(caller)``. In the order of the requests, but a caller that
    has all its turns does not delay the others.
    """

    def __init__(self, limits: TurnLimits) -> None:
        self.limits = limits
        self.running: Counter[str] = Counter()
        self._waiting: deque[_Waiting] = deque()

    async def take(self, caller: str) -> None:
        """Raises TooManyRequests."""
        if self._is_free(caller):
            self.running[caller] += 1
            return
        limits = self.limits
        if sum(one.caller == caller for one in self._waiting) >= limits.waiting:
            raise TooManyRequests(
                f"{limits.per_caller} requests of this caller run at a time and {limits.waiting} may wait. "
                "Send fewer at a time."
            )
        entry = _Waiting(caller, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(limits.seconds):
                await entry.turn
        except BaseException as error:
            if entry.turn.done() and not entry.turn.cancelled():
                self.give_back(caller)
            else:
                self._waiting.remove(entry)
            if not isinstance(error, TimeoutError):
                raise
            raise TooManyRequests(
                f"The request waited {limits.seconds:.0f} s while {limits.at_once} others were running, of which "
                f"one caller has at most {limits.per_caller}. Send fewer at a time."
            ) from None

    def give_back(self, caller: str) -> None:
        self.running[caller] -= 1
        if not self.running[caller]:
            del self.running[caller]
        for entry in list(self._waiting):
            if self._is_free(entry.caller):
                self._waiting.remove(entry)
                self.running[entry.caller] += 1
                entry.turn.set_result(None)

    def _is_free(self, caller: str) -> bool:
        return self.running.total() < self.limits.at_once and self.running[caller] < self.limits.per_caller
