"""A simulated Graph with a call of every kind that a page shows, and the service that has collected them."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.archive.daily import count_job
from app.db import Database
from app.simulator.records import a_call_record
from app.simulator.server import start as start_graph
from app.simulator.world import World
from tests.flow.programs import Fork
from tests.flow.service import Service, environment, free_port
from tests.waiting import until
from tests.web.pages.browser.hostile import a_hostile_record

MEETING = {"type": "groupCall", "participants": 400, "sessions": 430, "video": True, "poor_sessions": 7}
CALLS = {
    "call": {"seed": 1, "poor": True, "feedback": True, "video": True, "sharing": True, "segments": 2},
    "good": {"seed": 2},
    "failed": {"seed": 3, "failed": True},
    "telephone": {"seed": 4, "pstn": True},
    "group": {"seed": 6, "type": "groupCall", "participants": 6, "guests": 2, "federated": 1},
    "meeting": {"seed": 7, **MEETING},
    "without sessions": {"seed": 8, "type": "groupCall", "participants": 3, "no_sessions": True},
}
REFUSED = "eeeeeeee-0000-4000-8000-000000000001"
DURATION = timedelta(minutes=12)


@dataclass
class CollectedService:
    """``names`` maps placeholders of addresses to ids."""

    world: World
    service: Service
    names: dict[str, str] = field(default_factory=dict)

    @property
    def url(self):
        return self.service.url

    def at(self, template):
        """The URL of a page."""
        return self.url + template.format(**self.names)

    def forgive(self, call_id):
        """Graph no longer refuses this call."""
        self.world.faults.active = [fault for fault in self.world.faults.active if fault.match["path"] != call_id]


@asynccontextmanager
async def collected_service(key, folder, database_url, kind=Fork, calls=CALLS, **settings):
    """A running service that has collected these calls; it stops with the block."""
    ca_file, port = folder / "ca.pem", free_port()
    running = await start_graph(ca_file=ca_file, world=World(seed=1, key=key))
    running.world.change_settings({"batch_pause_s": 0, "retry_base_s": 0.05, "throttle": False})
    url = f"http://127.0.0.1:{port}"
    variables = environment(running, ca_file, database_url, PUBLIC_URL=url, **settings)
    program = kind(("serve", "--port", str(port)), variables, folder, folder / f"serve-{port}.log")
    service = Service(program, url)
    try:
        await service.listens()
        await running.world.subscriptions.first.wait()
        made = await settled(CollectedService(running.world, service), calls)
        await counted(database_url)
        yield made
        assert not [event for event in program.events() if "exception" in event], program.text()
    finally:
        await service.http.aclose()
        await program.kill()
        await running.stop()


async def settled(made, calls):
    """Adds these calls, one with hostile names and one that Graph refuses, and waits for them."""
    refuse(made.world, REFUSED)
    for number, (name, recipe) in enumerate(calls.items()):
        start = datetime.now(UTC) - DURATION - timedelta(minutes=20 + 7 * number)
        made.names[name] = made.world.put(a_call_record(duration=DURATION, start=start, **recipe)).id
    hostile = a_hostile_record()
    made.names |= {"hostile": made.world.put(hostile).id, "refused": REFUSED}
    made.names["call_id"] = made.names.get("call", made.names["hostile"])
    made.names["person_id"] = hostile["organizer_v2"]["id"]
    await made.service.holds(made.names[name] for name in made.names if name not in {"refused", "person_id"})
    await until(lambda: is_failed(made.service, REFUSED))
    return made


async def counted(database_url):
    """Count the days now; the service would do it some seconds later."""
    database = Database.open(database_url)
    await count_job.settle(database, holder="the test")
    await database.close()


def refuse(world, call_id):
    """Graph lists the call and refuses its record."""
    world.faults.add({"fault": "status", "status": 403, "match": {"path": call_id}})
    world.put(a_call_record(id=call_id))


async def is_failed(service, call_id):
    return any(row["id"] == call_id and row["state"] == "failed" for row in await service.inbox())
