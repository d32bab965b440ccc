"""The two ends of a session: the client of a person, or a service of Teams."""

from random import Random
from typing import Any

from app.simulator.samples.people import Person, associated_identity, identity_set
from app.simulator.samples.recipe import Recipe

NAMESPACE = "#microsoft.graph.callRecords"
CLIENTS = [
    ("windows", "CallSignalingAgent (27/49.26013102.1000.0/desktop//releaseEdge;t;)", "releases/CL2026.R07"),
    ("macOS", "CallSignalingAgent (27/49.26013102.1000.0/mac//releaseEdge;t;)", "releases/CL2026.R07"),
    ("iOS", "Skype/7.14.0 (iPhone; iOS 19.2)", "7.14.0"),
    ("android", "Skype/1416/1.0.0.2026011302 (Android 16)", "1.0.0.2026011302"),
    ("web", "CallSignalingAgent (27/1415/26020113218//)", None),
    ("roomSystem", "MTR/5.4.208.0", "5.4.208.0"),
]
PROCESSORS = [("13th Gen Core i7-1365U", 12, 1800), ("M3", 8, 4050), ("Ryzen 7 PRO 7840U", 16, 3300)]
REMARKS = ["The voice came and went.", "Echo all the time", "Kelimeler kesik kesik geldi, ses yoktu 🙁"]


def client_endpoint(person: Person, recipe: Recipe, rng: Random) -> dict[str, Any]:
    platform, header, release = rng.choice(CLIENTS)
    processor, cores, speed = rng.choice(PROCESSORS)
    endpoint = {
        "@odata.type": f"{NAMESPACE}.participantEndpoint",
        "name": f"DESK-{rng.randrange(16**6):06X}" if platform == "windows" else None,
        "cpuName": processor,
        "cpuCoresCount": cores,
        "cpuProcessorSpeedInMhz": speed,
        "userAgent": client_agent(person, platform, header, release),
        "associatedIdentity": associated_identity(person, address_only=recipe.address_only),
        "feedback": feedback(recipe, rng),
    }
    if recipe.unknown_members:
        endpoint["userAgent"]["platform"] = "wristTelephone"  # type: ignore[index]
    if recipe.deprecated or recipe.shape == "beta":
        endpoint["identity"] = identity_set(person)
    return endpoint


def number_endpoint(person: Person) -> dict[str, Any]:
    """The endpoint of a telephone, without data about a client."""
    return {
        "@odata.type": f"{NAMESPACE}.participantEndpoint",
        "associatedIdentity": associated_identity(person),
        "feedback": None,
    }


def client_agent(person: Person, platform: str, header: str, release: str | None) -> dict[str, Any]:
    family = "azureCommunicationServices" if person.kind == "acs" else "teams"
    return {
        "@odata.type": f"{NAMESPACE}.clientUserAgent",
        "headerValue": header,
        "applicationVersion": release,
        "platform": platform,
        "productFamily": family,
        "communicationServiceId": person.id[6:42] if person.kind == "acs" else None,
        "azureADAppId": person.id if person.kind == "application_instance" else None,
    }


def feedback(recipe: Recipe, rng: Random) -> dict[str, Any]:
    if not recipe.feedback:
        return {"text": None, "rating": "notRated", "tokens": {}}
    tokens = {"NoSound": recipe.poor, "Noisy": rng.random() < 0.5, "Echo": False}
    rating = rng.choice(["bad", "poor"]) if recipe.poor else rng.choice(["good", "excellent"])
    return {"text": rng.choice(REMARKS), "rating": rating, "tokens": tokens}


def service_endpoint(role: str = "mediaController") -> dict[str, Any]:
    agent = {
        "@odata.type": f"{NAMESPACE}.serviceUserAgent",
        "headerValue": "RTCC/7.0.0.0 mediacontroller/1.0.0.0",
        "applicationVersion": "1.0.0.0",
        "role": role,
    }
    return {"@odata.type": f"{NAMESPACE}.serviceEndpoint", "userAgent": agent}
