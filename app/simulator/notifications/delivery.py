"""Delivers notifications in batches. A batch without a 2xx answer in time is retried for four hours."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import orjson

from app.simulator.control.journal import Journal
from app.simulator.settings import Settings

MOST_POSTS_AT_ONCE = 64
Item = dict[str, Any]


class NotificationDelivery:
    def __init__(self, settings: Settings, journal: Journal, exists: Callable[[str], bool]) -> None:
        self.settings, self.journal, self.exists = settings, journal, exists
        self.waiting: dict[str, deque[Item]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=5_000)
        self.session: aiohttp.ClientSession | None = None
        self.slots = asyncio.Semaphore(MOST_POSTS_AT_ONCE)

    async def start(self) -> None:
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=MOST_POSTS_AT_ONCE), trust_env=False)

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
            raise RuntimeError("the simulator is not running: nothing can be sent")
        return self.session

    @property
    def idle(self) -> bool:
        """No notification is waiting, being sent, or waiting for a retry."""
        return not self.tasks

    def call_later(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` after the delay; does nothing while the simulator is not running."""
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
            self.spawn(self.send_waiting(url))
        else:
            waiting.append(item)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def send_waiting(self, url: str) -> None:
        await asyncio.sleep(self.settings.batch_pause_s)
        items = self.waiting.pop(url)
        size = max(self.settings.batch_size, 1)
        while items:
            batch = [items.popleft() for _ in range(min(size, len(items)))]
            self.spawn(self.deliver(url, batch))

    async def deliver(self, url: str, batch: list[Item]) -> None:
        """Send one batch. Retries have a longer timeout than the first attempt."""
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
            batch = [item for item in batch if self.still_wanted(item)]

    def still_wanted(self, item: Item) -> bool:
        """A deleted subscription gets no change notifications, but it gets the event subscriptionRemoved."""
        return "lifecycleEvent" in item or self.exists(item["subscriptionId"])

    async def post(self, url: str, body: bytes, timeout: float | None = None) -> int:
        """The status; 0 without an answer in time."""
        async with self.slots:
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
