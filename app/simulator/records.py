"""Invented call records of every shape that Graph is known to return, repeatable by seed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from app.simulator.samples import queue_paths, shapes
from app.simulator.samples.people import Person, gather, identity_set, participant
from app.simulator.samples.queue_call import queue_participants, queue_sessions, without_agents
from app.simulator.samples.random_values import guid, stamp
from app.simulator.samples.recipe import Recipe
from app.simulator.samples.sessions import session

__all__ = ["Recipe", "a_call_record"]

MOST_DEPRECATED_PARTICIPANTS = 130
LATENCY = timedelta(minutes=15)  # between a call's end and its record


def a_call_record(**options: Any) -> dict[str, Any]:
    """The complete document: sessions, segments, media, streams and participants_v2 unpaged.

    The options are the fields of Recipe. The same seed and start give the same call.
    """
    recipe = Recipe(**options)
    rng = Random(recipe.seed)
    document = queue_call(recipe, rng) if recipe.queue else complete(recipe, rng)
    if recipe.shape == "beta":
        document = shapes.old_beta(document)
    document = shapes.with_unknown_times(document, recipe.unknown_start, recipe.unknown_end)
    if recipe.float_integers:
        document = shapes.with_float_integers(document)
    if recipe.extras:
        document = shapes.with_extras(document)
    return document if recipe.nulls else shapes.without_nulls(document)


def complete(recipe: Recipe, rng: Random) -> dict[str, Any]:
    call_id = recipe.id or guid(rng)
    people = gather(recipe, rng)
    start = recipe.start or datetime.now(UTC) - recipe.span - LATENCY
    return {
        **head(recipe, call_id, start, people, rng),
        **({} if recipe.no_sessions else {"sessions": sessions(recipe, call_id, start, people, rng)}),
        "participants_v2": [participant(person) for person in listed(recipe, people)],
    }


def listed(recipe: Recipe, people: list[Person]) -> list[Person]:
    """The people in participants_v2, which lacks some of the people in sessions."""
    if not recipe.only_in_sessions:
        return people
    missing = [person for person in people[1:] if person.kind == "user"][-recipe.only_in_sessions :]
    return [person for person in people if person not in missing]


def queue_call(recipe: Recipe, rng: Random) -> dict[str, Any]:
    """Agents whose telephone only rang are not in participants_v2."""
    call_id, start = recipe.id or guid(rng), recipe.start or datetime.now(UTC) - recipe.span - LATENCY
    people = queue_participants(recipe, rng)
    way = queue_paths.sessions if recipe.path else queue_sessions
    found = way(recipe, people, start, rng)
    return {
        **head(recipe, call_id, start, people.listed, rng),
        "joinWebUrl": None,
        "sessions": without_agents(found) if recipe.lacks_agents else found,
        "participants_v2": [participant(person) for person in people.listed],
    }


def head(recipe: Recipe, call_id: str, start: datetime, people: list[Person], rng: Random) -> dict[str, Any]:
    end = start if recipe.failed else start + recipe.span
    document = {
        "id": call_id,
        "version": recipe.version,
        "type": "hologramCall" if recipe.unknown_members else recipe.type,
        "modalities": modalities(recipe),
        "lastModifiedDateTime": stamp(end + timedelta(minutes=4 + recipe.version), rng),
        "startDateTime": stamp(start, rng),
        "endDateTime": stamp(end, rng),
        "joinWebUrl": join_url(recipe, people, rng),
        "organizer_v2": participant(people[0]) if people else None,
    }
    if recipe.deprecated or recipe.shape == "beta":
        document["organizer"] = identity_set(people[0]) if people else None
        document["participants"] = [identity_set(one) for one in listed(recipe, people)[:MOST_DEPRECATED_PARTICIPANTS]]
    return document


def of_session(recipe: Recipe, number: int) -> Recipe:
    """The recipe of one session: with `poor_sessions`, some sessions are poor."""
    if not recipe.poor_sessions:
        return recipe
    every = max(recipe.session_count // recipe.poor_sessions, 1)
    is_poor = number % every == every // 2 and number // every < recipe.poor_sessions
    return replace(recipe, poor=True, feedback=True) if is_poor else recipe


def modalities(recipe: Recipe) -> list[str]:
    if recipe.modalities is not None:
        return list(recipe.modalities)
    known = ["audio", *["video"] * recipe.video, *["screenSharing"] * recipe.sharing]
    return [*known, "scent"] if recipe.unknown_members else known


def join_url(recipe: Recipe, people: list[Person], rng: Random) -> str:
    if recipe.type != "groupCall" or not people:
        return ""
    meeting = f"19%3ameeting_{rng.getrandbits(128):032x}%40thread.v2"
    context = f"%7b%22Tid%22%3a%22{recipe.tenant_id}%22%2c%22Oid%22%3a%22{people[0].id}%22%7d"
    return f"https://teams.microsoft.com/l/meetup-join/{meeting}/0?context={context}"


def sessions(recipe: Recipe, call_id: str, start: datetime, people: list[Person], rng: Random) -> list[dict[str, Any]]:
    """A session id may occur more than once in a record: the last sessions get the id of the first."""
    count = recipe.session_count
    made = [session(of_session(recipe, number), call_id, start, people, number, rng) for number in range(count)]
    for again in made[max(count - recipe.repeated_sessions, 1) :]:
        again["id"] = made[0]["id"]
    return made
