"""A call from a number through an auto attendant and a call queue, in the form of Graph's record.

The auto attendant and the queue are users without a name. Both legs of the caller have one session id. Each agent
whose telephone rang has a session with a failureInfo that ends when it starts. Only the agent who answered has media.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

from app.simulator.samples.endpoints import NAMESPACE, client_endpoint, number_endpoint, service_endpoint
from app.simulator.samples.people import Person, a_person, identity_set
from app.simulator.samples.random_values import guid, stamp
from app.simulator.samples.recipe import Recipe
from app.simulator.samples.sessions import segments

CONFERENCING_USER = "9e133cac-5238-4d1e-aaa0-d8ff4ca23f4e"  # one for each hop, in every tenant
AUTO_ATTENDANT_APP = "ce933385-9390-45d1-9512-c8d228074e07"
CALL_QUEUE_APP = "11cd3e2e-fccb-42ad-ad00-878b93575e07"
MENU, RANG, ANSWERED = 0.14, 0.17, 0.2  # shares of the call after which each begins


@dataclass(frozen=True, slots=True)
class QueueParticipants:
    caller: Person
    attendant: Person
    queue: Person
    rang: list[Person]
    answered: Person | None

    @property
    def listed(self) -> list[Person]:
        """The people in participants_v2; the caller is the organizer."""
        return [self.caller, self.attendant, self.queue, *([self.answered] if self.answered else [])]


def queue_participants(recipe: Recipe, rng: Random) -> QueueParticipants:
    return QueueParticipants(
        caller=a_person("phone", recipe, rng),
        attendant=a_person("resource_account", recipe, rng),
        queue=replace(a_person("resource_account", recipe, rng), name=""),
        rang=[a_person("user", recipe, rng) for _ in range(recipe.agents_rang)],
        answered=a_person("user", recipe, rng) if recipe.answered else None,
    )


def queue_sessions(recipe: Recipe, people: QueueParticipants, start: datetime, rng: Random) -> list[dict[str, Any]]:
    end, menu = start + recipe.span, start + recipe.span * MENU
    caller, caller_session = number_endpoint(people.caller), guid(rng)
    pseudo = Person(CONFERENCING_USER, "user", None, None, None, None)
    apps = [program("application", AUTO_ATTENDANT_APP, None), program("applicationInstance", CALL_QUEUE_APP, "Main CQ")]

    def leg(begin: datetime, close: datetime, near: dict[str, Any], far: dict[str, Any], **more: Any) -> dict[str, Any]:
        return made(recipe, (begin, close), near, far, rng, **more)

    attendant = {**service_endpoint("skypeForBusinessAutoAttendant"), "identity": identity_set(people.attendant)}
    queue = {**service_endpoint("skypeForBusinessCallQueues"), "identity": identity_set(people.queue)}
    rang = start + recipe.span * RANG
    return [
        leg(start, menu, caller, attendant, session_id=caller_session),
        leg(menu, end, caller, queue, session_id=caller_session),
        *(leg(rang, rang, agent(each, recipe, rng), service_endpoint("unknown")) for each in people.rang),
        *(
            leg(start + recipe.span * ANSWERED, end, agent(each, recipe, rng), service_endpoint("unknown"), talks=True)
            for each in [people.answered]
            if each
        ),
        leg(start, end, agent(pseudo, recipe, rng), service_endpoint("conferencingAttendant")),
        leg(start, menu, apps[0], service_endpoint("unknown")),
        leg(menu, end, apps[1], service_endpoint("unknown")),
    ]


def without_agents(sessions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The caller's sessions with voice apps, those of programs and that of the pseudo user."""
    return [one for one in sessions if not is_of_agent(one)]


def is_of_agent(session: dict[str, Any]) -> bool:
    identity = session["caller"].get("identity") or {}
    user = identity.get("user") or {}
    return user.get("id") not in (None, CONFERENCING_USER)


def made(
    recipe: Recipe,
    times: tuple[datetime, datetime],
    caller: dict[str, Any],
    callee: dict[str, Any],
    rng: Random,
    *,
    session_id: str | None = None,
    talks: bool = False,
) -> dict[str, Any]:
    only_rang = times[0] == times[1]
    session = {
        "id": session_id or guid(rng),
        "modalities": ["audio"],
        "startDateTime": stamp(times[0], rng),
        "endDateTime": stamp(times[1], rng),
        "isTest": False,
        "failureInfo": {"reason": "", "stage": "callSetup"} if only_rang else None,
        "caller": caller,
        "callee": callee,
    }
    if only_rang:
        session["endDateTime"] = session["startDateTime"]
    quiet = replace(recipe, empty_media=not talks or recipe.empty_media)
    parts = segments(quiet, session, times, direct=False, rng=rng)
    if only_rang:
        parts = [
            {**part, "startDateTime": session["startDateTime"], "endDateTime": session["endDateTime"]} for part in parts
        ]
    return {**session, "segments": parts}


def agent(person: Person, recipe: Recipe, rng: Random) -> dict[str, Any]:
    return {**client_endpoint(person, recipe, rng), "identity": identity_set(person)}


def program(key: str, app_id: str, name: str | None) -> dict[str, Any]:
    person = Person(app_id, "odd", name, None, None, None, key)
    return {"@odata.type": f"{NAMESPACE}.participantEndpoint", "identity": identity_set(person)}
