"""One person's part in a call: the session with a service of Teams or with the other client, and what was measured."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from app.simulator.company import connections
from app.simulator.company.connections import Connection
from app.simulator.company.staff import BAD_HEADSET, Employee
from app.simulator.samples.endpoints import client_endpoint
from app.simulator.samples.networks import device, service_device, service_network
from app.simulator.samples.random_values import between, guid, stamp
from app.simulator.samples.recipe import Recipe
from app.simulator.samples.sessions import MAKERS, labels, session_modalities
from app.simulator.samples.streams import DIRECTIONS

DROPPED = {"reason": "The media connection was lost.", "stage": "midcall"}
GAPS = {"deviceGlitchEventRatio": 0.22, "captureNotFunctioningEventRatio": 0.012}


@dataclass(frozen=True, slots=True)
class Leg:
    """An employee in a call from `begin` to `end`."""

    employee: Employee
    where: Connection
    begin: datetime
    end: datetime
    poor: bool
    dropped: bool = False


def endpoint(leg: Leg, recipe: Recipe) -> dict[str, Any]:
    """The same computer and client in every call of a person; a poor call is sometimes rated."""
    rated = Recipe(feedback=leg.poor and recipe.feedback, poor=leg.poor)
    return client_endpoint(leg.employee.person, rated, Random(leg.employee.number))


def session(
    recipe: Recipe,
    leg: Leg,
    far: dict[str, Any],
    rng: Random,
    *,
    other: Leg | None = None,
    session_id: str = "",
    outbound: bool = True,
) -> dict[str, Any]:
    """A session of one segment between this person and `far`, the endpoint of a service or of the other client."""
    near = endpoint(leg, recipe)
    caller, callee = (near, far) if outbound else (far, near)
    times = (stamp(leg.begin, rng), stamp(leg.end, rng))
    part: dict[str, Any] = {
        "id": session_id or guid(rng),
        "startDateTime": times[0],
        "endDateTime": times[1],
        "failureInfo": DROPPED if leg.dropped else None,
        "caller": caller,
        "callee": callee,
    }
    segment = {**part, "media": media(recipe, leg, times, rng, other, outbound=outbound)}
    return {**part, "modalities": session_modalities(recipe), "isTest": False, "segments": [segment]}


def media(
    recipe: Recipe, leg: Leg, times: tuple[str, str], rng: Random, other: Leg | None = None, *, outbound: bool = True
) -> list[dict[str, Any]]:
    """What a person with a poor network receives is poor; what that person sends is poor half of the time."""
    near, near_device = sides(leg, rng)
    far, far_device = sides(other, rng) if other else (service_network(), service_device())
    caller, callee = ("caller", "callee") if outbound else ("callee", "caller")
    sends_poorly = not other or rng.random() < 0.5
    poor_caller, poor_callee = (leg.poor, other is not None and other.poor)[:: 1 if outbound else -1]
    poor = {
        DIRECTIONS[0]: poor_callee or (poor_caller and sends_poorly),
        DIRECTIONS[1]: poor_caller or (poor_callee and sends_poorly),
    }
    return [
        {
            "label": label,
            f"{caller}Network": near,
            f"{callee}Network": far,
            f"{caller}Device": near_device,
            f"{callee}Device": far_device,
            "streams": [MAKERS[label](way, times, rng, poor=poor[way]) for way in DIRECTIONS],
        }
        for label in labels(recipe)
    ]


def sides(leg: Leg, rng: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    network = connections.network(leg.employee, leg.where, poor=leg.poor, rng=rng)
    headset = leg.employee.headset
    gaps = {**GAPS, "micGlitchRate": between(rng, 20, 60)} if headset == BAD_HEADSET and leg.poor else {}
    return network, {**device(rng), "captureDeviceName": headset, "renderDeviceName": headset, **gaps}
