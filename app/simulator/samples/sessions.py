"""Sessions: two clients with each other, or one client with a service; their segments and media."""

from datetime import datetime
from random import Random
from typing import Any

from app.simulator.samples.endpoints import client_endpoint, number_endpoint, service_endpoint
from app.simulator.samples.networks import device, service_device, service_network, wifi, wired
from app.simulator.samples.people import Person
from app.simulator.samples.random_values import guid, moment_within, stamp
from app.simulator.samples.recipe import Recipe
from app.simulator.samples.streams import DIRECTIONS, audio_stream, sharing_stream, video_stream

MAKERS = {"main-audio": audio_stream, "main-video": video_stream, "applicationsharing-video": sharing_stream}


def session(
    recipe: Recipe, call_id: str, start: datetime, people: list[Person], number: int, rng: Random
) -> dict[str, Any]:
    direct = recipe.type == "peerToPeer" and not recipe.pstn
    caller, callee = ends(recipe, people, number, rng)
    begin = start if direct else moment_within(start, recipe.span / 10, rng)
    close = begin if recipe.failed else start + recipe.span
    if not direct and not recipe.failed and recipe.session_count > len(people) > 0:
        begin, close = rejoined(recipe, len(people), number, (begin, close))
    made = {
        "id": call_id if direct and number == 0 else guid(rng),
        "modalities": session_modalities(recipe),
        "startDateTime": stamp(begin, rng),
        "endDateTime": stamp(close, rng),
        "isTest": False,
        "failureInfo": failure_info(recipe),
        "caller": caller,
        "callee": callee,
    }
    return {**made, "segments": segments(recipe, made, (begin, close), direct=direct, rng=rng)}


def rejoined(recipe: Recipe, people: int, number: int, times: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    """With more sessions than people, the first people leave in the middle and join again."""
    begin, close = times
    middle, pause = begin + (close - begin) / 2, recipe.span / 40
    if number >= people:
        return middle + pause, close
    return (begin, middle - pause) if number + people < recipe.session_count else times


def ends(recipe: Recipe, people: list[Person], number: int, rng: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    if not people:
        return service_endpoint(), service_endpoint()
    person = people[number % len(people)]
    if person.kind == "phone" and recipe.bare_numbers:
        return number_endpoint(person), service_endpoint("gateway")
    if person.kind == "phone":
        return service_endpoint("mediationServer"), service_endpoint()
    if person.kind == "application_instance":
        return client_endpoint(person, recipe, rng), service_endpoint("skypeForBusinessAutoAttendant")
    if recipe.type == "peerToPeer" and not recipe.pstn:
        other = people[(number + 1) % len(people)]
        return client_endpoint(person, recipe, rng), client_endpoint(other, recipe, rng)
    role = "gatewayOfTomorrow" if recipe.unknown_members else "mediaController"
    return client_endpoint(person, recipe, rng), service_endpoint("gateway" if recipe.pstn else role)


def session_modalities(recipe: Recipe) -> list[str]:
    if recipe.modalities is not None:
        return list(recipe.modalities)
    return ["audio", *["video"] * recipe.video, *["screenSharing"] * recipe.sharing]


def failure_info(recipe: Recipe) -> dict[str, Any] | None:
    if not recipe.failed:
        return None
    stage = "beforeBirth" if recipe.unknown_members else "callSetup"
    return {"reason": "The callee could not be reached.", "stage": stage}


def segments(
    recipe: Recipe, made: dict[str, Any], times: tuple[datetime, datetime], *, direct: bool, rng: Random
) -> list[dict[str, Any]]:
    """Consecutive segments; in a direct call the first segment has the session's id, as in Graph."""
    begin, close = times
    step = (close - begin) / max(recipe.segments, 1)
    return [
        {
            "id": made["id"] if direct and number == 0 else guid(rng),
            "startDateTime": stamp(begin + step * number, rng),
            "endDateTime": stamp(begin + step * (number + 1), rng),
            "failureInfo": made["failureInfo"],
            "caller": made["caller"],
            "callee": made["callee"],
            "media": media(recipe, made, direct=direct, rng=rng),
        }
        for number in range(recipe.segments)
    ]


def media(recipe: Recipe, made: dict[str, Any], *, direct: bool, rng: Random) -> list[dict[str, Any]]:
    if recipe.empty_media or recipe.failed:
        return []
    near = wifi(rng, weak=recipe.poor) if recipe.poor or rng.random() < 0.6 else wired(rng)
    if recipe.unknown_members:
        near |= {"connectionType": "pigeon", "wifiRadioType": "wifi80211zz"}
    far = wired(rng) if direct else service_network()
    times = (made["startDateTime"], made["endDateTime"])
    return [
        {
            "label": label,
            "callerNetwork": near,
            "calleeNetwork": far,
            "callerDevice": device(rng),
            "calleeDevice": device(rng) if direct else service_device(),
            "streams": [stream(recipe, label, way, times, rng) for way in DIRECTIONS],
        }
        for label in labels(recipe)
    ]


def labels(recipe: Recipe) -> list[str]:
    wanted = ["main-audio", *["main-video"] * recipe.video]
    return [*wanted, *["applicationsharing-video"] * recipe.sharing]


def stream(recipe: Recipe, label: str, way: str, times: tuple[str, str], rng: Random) -> dict[str, Any]:
    made = MAKERS[label](way, times, rng, poor=recipe.poor)
    if recipe.muted:
        made["packetUtilization"] = rng.randrange(500)
    if recipe.odd_numbers:
        made |= {"averageAudioDegradation": "NaN", "averageVideoFrameRate": "INF", "lowFrameRateRatio": "-INF"}
    return made
