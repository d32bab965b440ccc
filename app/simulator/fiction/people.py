"""Invented people, telephones and programs, as the identities Graph gives them."""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from app.simulator.fiction.chance import guid, words
from app.simulator.fiction.recipe import PARTNER_TENANT, Recipe

Kind = Literal["user", "guest", "federated", "phone", "acs", "application_instance", "odd"]

FIRST = words("Adanna Bruno Cleo Dmitra Elio Farah Gwenn Hakan Ilse Jorun Kaito Lumi Maris Nadir Oona Pavel")
LAST = words("Ashgrove Birkwood Cinderby Dunmarsh Elmfield Fenwright Gorselea Hollowell Ivystone Juniper")

# The key Graph puts an identity under; all others of the set are null beside it.
PLACE: dict[Kind, str] = {
    "user": "user",
    "guest": "guest",
    "federated": "user",
    "phone": "phone",
    "acs": "azureCommunicationServicesUser",
    "application_instance": "applicationInstance",
    "odd": "",  # said by the recipe
}
LEGACY_KEYS = words(
    "acsUser spoolUser phone guest encrypted onPremises acsApplicationInstance spoolApplicationInstance "
    "applicationInstance application device user"
)
V2_KEYS = ["endpointType", *LEGACY_KEYS, "azureCommunicationServicesUser", "assertedIdentity"]


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    kind: Kind
    name: str | None
    tenant_id: str | None
    upn: str | None
    unit: str | None
    odd_place: str = ""

    @property
    def place(self) -> str:
        return self.odd_place or PLACE[self.kind]

    @property
    def identity(self) -> dict[str, Any]:
        return {"id": self.id, "displayName": self.name, "tenantId": self.tenant_id}


def gather(recipe: Recipe, rng: Random) -> list[Person]:
    """The call's participants; the organizer is first and of the home tenant."""
    others: dict[Kind, int] = {
        "guest": recipe.guests,
        "federated": recipe.federated,
        "acs": recipe.acs_users,
        "application_instance": recipe.application_instances,
        "phone": int(recipe.pstn),
    }
    others_count = sum(others.values()) + len(recipe.odd_identities)
    users: dict[Kind, int] = {"user": max(recipe.participants - others_count, 1)}
    ordered = [kind for kind, count in (users | others).items() for _ in range(count)]
    people = [a_person(kind, recipe, rng) for kind in ordered[: recipe.participants]]
    people += [Person(guid(rng), "odd", place, None, None, None, place) for place in recipe.odd_identities]
    if people and recipe.organizer_id:
        people[0] = a_person("user", recipe, rng, person_id=recipe.organizer_id)
    return people


def a_person(kind: Kind, recipe: Recipe, rng: Random, person_id: str | None = None) -> Person:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    name = f"{first} {last}"
    mailbox = f"{first}.{last}{rng.randrange(10_000)}".lower()
    match kind:
        case "phone":
            number = f"+4930{rng.randrange(10**7, 10**8)}"
            return Person(number, kind, None, None, None, None)
        case "acs":
            acs_id = f"8:acs:{guid(rng)}_{rng.getrandbits(64):016x}"
            return Person(acs_id, kind, f"Visitor {last}", None, None, None)
        case "application_instance":
            return Person(guid(rng), kind, f"{last} hotline", recipe.tenant_id, None, None)
        case "federated":
            return Person(guid(rng), kind, name, PARTNER_TENANT, f"{mailbox}@fabrikam.example", None)
        case "guest":
            # Guests sometimes come without a name.
            shown = name if rng.random() < 0.7 else None
            return Person(guid(rng), kind, shown, PARTNER_TENANT, None, None)
    unit = guid(rng) if rng.random() < 0.5 else None
    upn = f"{mailbox}@contoso.example"
    return Person(person_id or guid(rng), kind, name, recipe.tenant_id, upn, unit)


def participant(person: Person) -> dict[str, Any]:
    """As in participants_v2 and organizer_v2."""
    identity: dict[str, Any] = dict.fromkeys(V2_KEYS)
    identity["endpointType"] = "default" if person.kind == "user" and person.unit else None
    identity[person.place] = {**person.identity, "userPrincipalName": person.upn}
    if person.kind == "phone":
        identity["phone"] = person.identity
    units = [{"id": person.unit}] if person.unit else []
    return {"id": person.id, "identity": identity, "administrativeUnitInfos": units}


def identity_set(person: Person) -> dict[str, Any]:
    """As in the deprecated organizer, participants and endpoint identity."""
    identities: dict[str, Any] = dict.fromkeys(LEGACY_KEYS)
    place = "acsUser" if person.kind == "acs" else person.place
    identities[place] = person.identity
    return identities


def associated_identity(person: Person) -> dict[str, Any]:
    kind = {"@odata.type": "#microsoft.graph.callRecords.userIdentity"} if person.kind == "user" else {}
    return {**kind, **person.identity, "userPrincipalName": person.upn}
