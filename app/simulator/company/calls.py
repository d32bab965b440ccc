"""The company's calls as Graph's records: one to one, meetings, telephone calls and calls to the support queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.simulator.company import connections, legs
from app.simulator.company.legs import Leg
from app.simulator.company.staff import Employee
from app.simulator.records import head
from app.simulator.samples.endpoints import service_endpoint
from app.simulator.samples.people import Person, participant
from app.simulator.samples.queue_call import ANSWERED, QueueParticipants, queue_sessions
from app.simulator.samples.random_values import guid
from app.simulator.samples.recipe import Recipe

# Numbers that regulators reserve for fiction, or that are not assigned.
PREFIXES = ("+4144555010", "+4144555011", "+442079460", "+493023125")
NUMBER_LENGTH = 12
BACK_AFTER = timedelta(seconds=100)


@dataclass(frozen=True, slots=True)
class CallMaker:
    """Makes the calls of a tenant's staff; `outage` is the day on which a site's internet line was congested."""

    tenant_id: str
    staff: Sequence[Employee]
    outage: datetime
    rng: Random

    def leg(self, employee: Employee, begin: datetime, end: datetime, *, poor: bool | None = None) -> Leg:
        where = connections.connection(employee, begin)
        if poor is None:
            poor = connections.is_poor(employee, where, begin, self.outage, self.rng)
        return Leg(employee, where, begin, end, poor)

    def one_to_one(
        self, start: datetime, span: timedelta, caller: Leg, callee: Leg, *, video: bool = False
    ) -> dict[str, Any]:
        recipe = self.recipe(span, feedback=self.rng.random() < 0.3, video=video)
        call_id = guid(self.rng)
        far = legs.endpoint(callee, recipe)
        session = legs.session(recipe, caller, far, self.rng, other=callee, session_id=call_id)
        return self.document(recipe, call_id, start, [caller.employee.person, callee.employee.person], [session])

    def meeting(self, start: datetime, span: timedelta, present: Sequence[Leg], *, video: bool) -> dict[str, Any]:
        """People join and leave at their own times; the first one is the organizer."""
        recipe = self.recipe(span, type="groupCall", video=video, feedback=self.rng.random() < 0.2)
        sessions = [legs.session(recipe, leg, service_endpoint(), self.rng) for leg in present]
        people = list({leg.employee.person.id: leg.employee.person for leg in present}.values())
        return self.document(recipe, guid(self.rng), start, people, sessions)

    def telephone(self, start: datetime, span: timedelta, leg: Leg, *, outbound: bool) -> dict[str, Any]:
        """The organizer of a call from outside is the number."""
        recipe = self.recipe(span, pstn=True)
        people = [leg.employee.person, self.number()]
        session = legs.session(recipe, leg, service_endpoint("gateway"), self.rng, outbound=outbound)
        return self.document(recipe, guid(self.rng), start, people if outbound else people[::-1], [session])

    def queue(self, start: datetime, span: timedelta, rang: Sequence[Employee], answered: Leg | None) -> dict[str, Any]:
        """A call from outside to the support queue; without `answered` the caller hung up or gave up."""
        recipe = self.recipe(span, type="groupCall", queue=True, answered=answered is not None)
        account = [
            Person(guid(Random(number)), "resource_account", None, self.tenant_id, None, None) for number in (1, 2)
        ]
        people = QueueParticipants(
            caller=self.number(),
            attendant=account[0],
            queue=account[1],
            rang=[employee.person for employee in rang],
            answered=answered.employee.person if answered else None,
        )
        sessions = queue_sessions(recipe, people, start, self.rng)
        if answered:
            self.give_media(recipe, answered, sessions)
        return self.document(recipe, guid(self.rng), start, people.listed, sessions) | {"joinWebUrl": None}

    def give_media(self, recipe: Recipe, answered: Leg, sessions: list[dict[str, Any]]) -> None:
        """Replace the invented network of the session that talks by that of the agent."""
        (talking,) = [one for one in sessions if any(part["media"] for part in one["segments"])]
        talking["caller"] |= {**legs.endpoint(answered, recipe), "identity": talking["caller"]["identity"]}
        times = (talking["startDateTime"], talking["endDateTime"])
        for segment in talking["segments"]:
            segment["caller"] = talking["caller"]
            segment["media"] = legs.media(recipe, answered, times, self.rng)

    def account(self, number: int) -> Person:
        """The resource account of an auto attendant or of a queue, without a name as in Graph's records."""
        return Person(guid(Random(number)), "resource_account", None, self.tenant_id, None, None)

    def number(self) -> Person:
        prefix = self.rng.choice(PREFIXES)
        digits = NUMBER_LENGTH - len(prefix)
        number = f"{prefix}{self.rng.randrange(10**digits):0{digits}d}"
        return Person(number, "phone", None, None, None, None)

    def recipe(self, span: timedelta, **more: Any) -> Recipe:
        return Recipe(tenant_id=self.tenant_id, duration=span, **more)

    def document(
        self, recipe: Recipe, call_id: str, start: datetime, people: list[Person], sessions: list[dict[str, Any]]
    ) -> dict[str, Any]:
        return {
            **head(recipe, call_id, start, people, self.rng),
            "sessions": sessions,
            "participants_v2": [participant(person) for person in people],
        }


def answered_at(start: datetime, span: timedelta) -> datetime:
    """When the agent of a queue call answers."""
    return start + span * ANSWERED
