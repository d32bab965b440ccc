"""Graph's list as large tenants have it, with the window that Graph is reported to insist on."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.graph.client import Listed
from app.graph.errors import Refused
from app.inbox.queue import WINDOW

PAGE = 60
LENGTH = timedelta(minutes=5)  # of each call


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


class LongList:
    """``count`` records whose calls started evenly in [begin, end); ``listed[n]`` is how often the n-th was listed."""

    def __init__(self, count, begin, end, *, clock_ahead=timedelta()):
        self.count, self.begin = count, begin
        self.step = (end - begin) / count
        self.clock_ahead = clock_ahead
        self.listed = bytearray(count)
        self.requests = []  # (since, until, pages) of each list
        self.refused = []
        self.pages = 0
        self.trouble = {}  # by the number of the page before which it comes

    async def call_records(self, since, until=None):
        self._judge(since, until)
        self.requests.append([since, until, 0])
        first = max(0, -((self.begin - since) // self.step)) if since > self.begin else 0
        last = self.count if until is None else min(self.count, -((self.begin - until) // self.step))
        for number in range(first, max(last, first + 1), PAGE):
            self.pages += 1
            self.requests[-1][2] += 1
            if error := self.trouble.pop(self.pages, None):
                raise error
            yield [self._entry(n) for n in range(number, min(number + PAGE, last))]

    def _judge(self, since, until):
        now = datetime.now(UTC) + self.clock_ahead
        if since < now - WINDOW or (until is not None and until > now):
            self.refused.append((since, until))
            raise Refused("Graph refused this (400 BadRequest: the window)", status=400)

    def _entry(self, number):
        self.listed[number] += 1
        start = self.begin + number * self.step
        return Listed(str(UUID(int=number)), 1, start, start + LENGTH)
