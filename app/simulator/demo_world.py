"""The calls of the demo: those of a company's last 30 days, then one after another.

Each of the first live calls is a case that a collector must handle.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from random import Random
from typing import Any

from app.simulator.call_logs.store import Row
from app.simulator.calls import KINDS
from app.simulator.company import month
from app.simulator.company.log_rows import CompanyLogs
from app.simulator.company.month import Company
from app.simulator.records import a_call_record
from app.simulator.samples.queue_call import without_agents
from app.simulator.world import World

TRICKLE_S = 10.0
LOG_LATENCY_S = 20.0  # after its call, a row appears in a log
OF_STAFF = "staff"  # a call of the company's staff
OF_QUEUE = ("queue", "queue_missed", "queue_menu", "queue_abandoned", "queue_overflow", "queue_voicemail")
TRICKLE = (OF_STAFF, OF_STAFF, "groupCall", "video", "guests", OF_STAFF, "poor", *OF_QUEUE)


async def play(world: World, *, pace: float = 1.0, days: int = month.DAYS) -> None:
    """Run until cancelled; a smaller pace makes calls arrive faster. The calls before today go back `days`."""
    scenario = Scenario(world, pace)
    scenario.earlier_days(days)
    await world.subscriptions.first.wait()
    async for _ in scenario.morning():
        await asyncio.sleep(3 * pace)
    while True:
        scenario.call(world.rng.choice(TRICKLE))
        await asyncio.sleep(TRICKLE_S * pace)


class Scenario:
    def __init__(self, world: World, pace: float) -> None:
        self.world, self.pace, self.rng = world, pace, Random(world.rng.random())
        self.company = Company(world.tenant_id, world.now(), world.seed)

    def earlier_days(self, days: int) -> None:
        """Calls that ended before a subscription existed: only a sweep of the list finds them."""
        logs = CompanyLogs(self.company.staff, self.world.now(), Random(self.world.seed))
        for document in self.company.calls(days):
            self.world.put(document, notify=False)
            self.put_log_rows(logs.of_calls([document]))
        self.put_log_rows(logs.without_calls(days))

    def put_log_rows(self, rows: Iterable[tuple[str, Row]], after_s: float = 0) -> None:
        for kind, row in rows:
            self.world.put_log_rows(kind, [row], visible_after_s=after_s)

    async def morning(self) -> AsyncIterator[str]:
        """Put one call after another and yield a description of each."""
        for kind in ("peerToPeer", "video", "groupCall"):
            yield self.call(kind)
        yield self.call("poor", text="bad Wi-Fi, and the participants rate the call as poor")
        yield self.call("meeting")
        yield self.early_notice()
        yield self.call("pstn")
        yield self.call("queue", text="a queue call: two agents rang, a third answered")
        yield self.call("masked_number", text="a call from a masked number")
        yield self.call("only_in_sessions", text="a guest, and a participant who is only listed in a session")
        yield self.late_second_version()
        yield self.late_agent()
        yield self.call("failed")
        yield self.refused()
        yield self.call("peerToPeer")

    def call(self, kind: str, text: str = "") -> str:
        is_of_staff = kind == OF_STAFF
        document = self.company.call(self.world.now(), self.rng) if is_of_staff else self.new_document(kind)
        self.world.put(document)
        if is_of_staff or kind == "queue":
            logs = CompanyLogs(self.company.staff, self.world.now(), self.rng)
            self.put_log_rows(logs.of_calls([document]), after_s=LOG_LATENCY_S * self.pace)
        return text or kind

    def early_notice(self) -> str:
        """The notification comes before the record is readable: 404 for a while."""
        self.world.put(self.new_document("groupCall"), visible_after_s=10 * self.pace, notify_after_s=0)
        return "notified too early"

    def late_second_version(self) -> str:
        """A call with a second version that has one more session."""
        second = self.new_document("groupCall", sessions=4, version=2)
        first = {**second, "version": 1, "sessions": second["sessions"][:3]}
        self.world.put(first)
        self.world.put(second, visible_after_s=15 * self.pace)
        return "a second version follows"

    def late_agent(self) -> str:
        """A call to a queue whose first version lacks the agents; at Graph the second one comes an hour later."""
        second = self.new_document("queue", version=2)
        self.world.put({**second, "version": 1, "sessions": without_agents(second["sessions"])})
        self.world.put(second, visible_after_s=20 * self.pace)
        return "a queue call whose agent comes with the second version"

    def refused(self) -> str:
        """Graph answers 403 once: the record fails, and is fetched when an administrator retries it."""
        document = self.new_document("groupCall")
        path = f"/callRecords/{document['id']}"
        self.world.faults.add({"fault": "status", "status": 403, "match": {"path": path}, "times": 1})
        self.world.put(document)
        return "refused with 403 until an administrator retries it"

    def new_document(self, kind: str, **more: Any) -> dict[str, Any]:
        minutes = self.rng.randrange(2, 50)
        recipe = {"seed": self.rng.getrandbits(48), "duration": timedelta(minutes=minutes), **KINDS[kind], **more}
        return a_call_record(tenant_id=self.world.tenant_id, **recipe)
