"""Other ways of a call from a number through voice apps than to an agent: hung up, passed on, voicemail, forwarded.

Each is the list of the caller's sessions with the services on that way; agents who only rang may be among them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.simulator.samples.endpoints import number_endpoint, service_endpoint
from app.simulator.samples.people import Person, a_person, identity_set
from app.simulator.samples.queue_call import QueueParticipants, agent, made
from app.simulator.samples.random_values import guid
from app.simulator.samples.recipe import Recipe

HUNG_UP = {"reason": "Call ended: hung up during IVR menu", "stage": "callSetup"}
MENU, RANG, LEFT = 0.2, 0.3, 0.7  # shares of the call after which each begins
AT_ONCE = timedelta(seconds=1)
ATTENDANT, QUEUE = "skypeForBusinessAutoAttendant", "skypeForBusinessCallQueues"

Sessions = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Way:
    """A call and its caller; the sessions of the caller have one id."""

    recipe: Recipe
    people: QueueParticipants
    start: datetime
    rng: Random
    session_id: str

    def at(self, share: float) -> datetime:
        return self.start + self.recipe.span * share

    def with_service(self, begin: datetime, end: datetime, role: str, account: Person | None = None) -> dict[str, Any]:
        """The caller's session with a service, which has the identity of a resource account."""
        identity = {"identity": identity_set(account)} if account else {}
        callee = {**service_endpoint(role), **identity}
        caller = number_endpoint(self.people.caller)
        return made(self.recipe, (begin, end), caller, callee, self.rng, session_id=self.session_id)

    def menu(self, begin: float, end: float) -> dict[str, Any]:
        return self.with_service(self.at(begin), self.at(end), ATTENDANT, self.people.attendant)

    def queue(self, begin: datetime, end: datetime, account: Person | None = None) -> dict[str, Any]:
        return self.with_service(begin, end, QUEUE, account or self.people.queue)

    def rang(self) -> Sessions:
        at = self.at(RANG)
        ends = (agent(each, self.recipe, self.rng) for each in self.people.rang)
        return [made(self.recipe, (at, at), end, service_endpoint("unknown"), self.rng) for end in ends]


def hung_up_in_menu(way: Way) -> Sessions:
    leg = way.menu(0, 1)
    segments = [{**segment, "failureInfo": HUNG_UP} for segment in leg["segments"]]
    return [{**leg, "failureInfo": HUNG_UP, "segments": segments}]


def abandoned(way: Way) -> Sessions:
    """The caller left before the queue offered the call to an agent."""
    return [way.menu(0, MENU), way.queue(way.at(MENU), way.at(1))]


def overflowed(way: Way) -> Sessions:
    """The queue was full and passed the call on at once, to the auto attendant."""
    return [way.menu(0, MENU), way.queue(way.at(MENU), way.at(MENU) + AT_ONCE), way.menu(LEFT, 1)]


def timed_out(way: Way) -> Sessions:
    """Agents rang until the queue's time ended."""
    return [way.menu(0, MENU), way.queue(way.at(MENU), way.at(LEFT)), *way.rang(), way.menu(LEFT, 1)]


def second_queue(way: Way) -> Sessions:
    """The agents of the first queue only rang; one of the second queue answered."""
    answered = way.people.answered or a_person("user", way.recipe, way.rng)
    other = replace(way.people.queue, id=guid(way.rng))
    near, far = agent(answered, way.recipe, way.rng), service_endpoint("unknown")
    return [
        *(way.menu(0, MENU), way.queue(way.at(MENU), way.at(LEFT)), *way.rang()),
        way.queue(way.at(LEFT), way.at(1), other),
        made(way.recipe, (way.at((1 + LEFT) / 2), way.at(1)), near, far, way.rng, talks=True),
    ]


def to_voicemail(way: Way) -> Sessions:
    first = [way.menu(0, MENU), way.queue(way.at(MENU), way.at(LEFT)), *way.rang()]
    return [*first, way.with_service(way.at(LEFT), way.at(1), "voicemail", way.people.queue)]


def forwarded(way: Way) -> Sessions:
    """The queue forwarded the call to another number, through a gateway."""
    first = [way.menu(0, MENU), way.queue(way.at(MENU), way.at(LEFT)), *way.rang()]
    other = a_person("phone", way.recipe, way.rng)
    number = {**number_endpoint(other), "identity": identity_set(other)}
    times = (way.at(LEFT), way.at(1))
    return [*first, made(way.recipe, times, service_endpoint("gateway"), number, way.rng, talks=True)]


PATHS: dict[str, Callable[[Way], Sessions]] = {
    "menu": hung_up_in_menu,
    "abandoned": abandoned,
    "overflow": overflowed,
    "timed_out": timed_out,
    "second_queue": second_queue,
    "voicemail": to_voicemail,
    "forwarded": forwarded,
}


def sessions(recipe: Recipe, people: QueueParticipants, start: datetime, rng: Random) -> Sessions:
    """Of the way that the recipe names."""
    return PATHS[recipe.path](Way(recipe, people, start, rng, guid(rng)))
