"""Delivers items in batches: 2xx in time is delivered, all else is tried again for four hours."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import orjson

from app.simulator.control.journal import Journal
from app.simulator.settings import Settings

AT_ONCE = 64
Item = dict[str, Any]


class Postman:
    def __init__(self, settings: Settings, journal: Journal, knows: Callable[[str], bool]) -> None:
        self.settings, self.journal, self.knows = settings, journal, knows
        self.waiting: dict[str, deque[Item]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=5_000)
        self.session: aiohttp.ClientSession | None = None
        self.gate = asyncio.Semaphore(AT_ONCE)

    async def start(self) -> None:
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE), trust_env=False)

    async def stop(self) -> None:
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.session:
            await self.session.close()
        self.session = None

    @property
    def http(self) -> aiohttp.ClientSession:
        if self.session is None:
            raise RuntimeError("the world is not running: nothing can be sent")
        return self.session

    @property
    def idle(self) -> bool:
        """Nothing waits, nothing is under way or will be tried again."""
        return not self.tasks

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """At once where there is no time to wait; a world that does not run yet notifies no subscriber."""
        if self.session is None:
            return
        if seconds <= 0:
            act()
        else:
            self.spawn(wait_and(seconds, act))

    def put(self, url: str, item: Item) -> None:
        waiting = self.waiting.get(url)
        if waiting is None:
            self.waiting[url] = deque([item])
            self.spawn(self.empty(url))
        else:
            waiting.append(item)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def empty(self, url: str) -> None:
        await asyncio.sleep(self.settings.batch_pause_s)
        items = self.waiting.pop(url)
        size = max(self.settings.batch_size, 1)
        while items:
            batch = [items.popleft() for _ in range(min(size, len(items)))]
            self.spawn(self.deliver(url, batch))

    async def deliver(self, url: str, batch: list[Item]) -> None:
        """Retries may wait longer for an answer than the first try does."""
        began, pause, timeout = time.monotonic(), self.settings.retry_base_s, self.settings.first_timeout_s
        self.journal.count("notifications_sent", len(batch))
        while batch:
            if await self.post(url, orjson.dumps({"value": batch}), timeout) // 100 == 2:
                self.journal.count("notifications_delivered", len(batch))
                return
            self.journal.count("notification_posts_failed")
            if time.monotonic() - began + pause > self.settings.retry_for_s:
                self.journal.count("notifications_given_up", len(batch))
                return
            await asyncio.sleep(pause)
            pause, timeout = min(pause * 2, self.settings.retry_longest_s), self.settings.retry_timeout_s
            batch = [item for item in batch if self.wanted(item)]

    def wanted(self, item: Item) -> bool:
        """A deleted subscription gets no change notification, but does get the event of its removal."""
        return "lifecycleEvent" in item or self.knows(item["subscriptionId"])

    async def post(self, url: str, body: bytes, timeout: float | None = None) -> int:
        """The status, 0 where there was none in time."""
        async with self.gate:
            began = time.monotonic()
            status = await self.status_of(url, body, timeout or self.settings.first_timeout_s)
            seconds = round(time.monotonic() - began, 4)
        self.deliveries.append({"url": url, "status": status, "seconds": seconds, "bytes": len(body)})
        return status

    async def status_of(self, url: str, body: bytes, timeout: float) -> int:
        headers, limit = {"Content-Type": "application/json"}, aiohttp.ClientTimeout(total=timeout)
        verify = self.settings.verify_notification_tls
        try:
            async with self.http.post(
                url, data=body, headers=headers, timeout=limit, ssl=verify, allow_redirects=False
            ) as answer:
                await answer.read()
                return answer.status
        except (TimeoutError, aiohttp.ClientError):
            return 0


async def wait_and(seconds: float, act: Callable[[], None]) -> None:
    await asyncio.sleep(seconds)
    act()
