"""Invented people, telephones and programs, and their identities in Graph's form."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

from app.simulator.samples.random_values import guid, words
from app.simulator.samples.recipe import PARTNER_TENANT, Recipe

Kind = Literal["user", "resource_account", "guest", "federated", "phone", "acs", "application_instance", "odd"]

FIRST = words("Adanna Bruno Cleo Dmitra Elio Farah Gwenn Hakan Ilse Jorun Kaito Lumi Maris Nadir Oona Pavel")
LAST = words("Ashgrove Birkwood Cinderby Dunmarsh Elmfield Fenwright Gorselea Hollowell Ivystone Juniper")

# The key of an identity set that contains the identity; all other keys are null.
IDENTITY_KEY: dict[Kind, str] = {
    "user": "user",
    "resource_account": "user",
    "guest": "guest",
    "federated": "user",
    "phone": "phone",
    "acs": "azureCommunicationServicesUser",
    "application_instance": "applicationInstance",
    "odd": "",  # given by the recipe
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
    odd_key: str = ""
    second_number: str | None = None  # a phone in the same identity set
    empty_user: bool = False
    session_id: str = ""  # the id in sessions, if it differs

    @property
    def identity_key(self) -> str:
        return self.odd_key or IDENTITY_KEY[self.kind]

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
        "resource_account": recipe.resource_accounts,
        "phone": int(recipe.pstn),
    }
    others_count = sum(others.values()) + len(recipe.odd_identities)
    users: dict[Kind, int] = {"user": max(recipe.participants - others_count, 1)}
    ordered = [kind for kind, count in (users | others).items() for _ in range(count)]
    people = [a_person(kind, recipe, rng) for kind in ordered[: recipe.participants]]
    people += [Person(guid(rng), "odd", key, None, None, None, key) for key in recipe.odd_identities]
    if people and recipe.organizer_id:
        people[0] = a_person("user", recipe, rng, person_id=recipe.organizer_id)
    return people


def a_person(kind: Kind, recipe: Recipe, rng: Random, person_id: str | None = None) -> Person:
    person = a_plain_person(kind, recipe, rng, person_id)
    if recipe.none_names:
        person = replace(person, name=person.name or "None", tenant_id=person.tenant_id or "None")
    if recipe.several_identities and kind == "user":
        person = replace(person, second_number=a_number(recipe, rng))
    return replace(person, empty_user=recipe.empty_user, session_id=id_in_sessions(person, recipe))


def id_in_sessions(person: Person, recipe: Recipe) -> str:
    if recipe.session_ids == "plain" or person.kind == "acs":
        return person.id
    if recipe.session_ids == "braces":
        return person.id if person.kind == "phone" else f"{{{person.id}}}"
    return f"4:{person.id}" if person.kind == "phone" else f"8:orgid:{person.id}"


def a_number(recipe: Recipe, rng: Random) -> str:
    number = f"+4930{rng.randrange(10**7, 10**8)}"
    return f"{number[:-4]}****" if recipe.masked_numbers else number


def a_plain_person(kind: Kind, recipe: Recipe, rng: Random, person_id: str | None) -> Person:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    name = f"{first} {last}"
    mailbox = f"{first}.{last}{rng.randrange(10_000)}".lower()
    unit = guid(rng) if kind == "user" and rng.random() < 0.5 else None
    user = Person(person_id or guid(rng), kind, name, recipe.tenant_id, f"{mailbox}@contoso.example", unit)
    bare = replace(user, upn=None, unit=None)
    match kind:
        case "phone":
            return replace(bare, id=a_number(recipe, rng), name=None, tenant_id=None)
        case "acs":
            acs_id = f"8:acs:{guid(rng)}_{rng.getrandbits(64):016x}"
            return replace(bare, id=acs_id, name=f"Visitor {last}", tenant_id=None)
        case "federated":
            return replace(user, tenant_id=PARTNER_TENANT, upn=f"{mailbox}@fabrikam.example")
        case "application_instance" | "resource_account":
            return replace(bare, name=f"{last} hotline" if kind == "application_instance" else None)
        case "guest":
            # Guests sometimes come without a name.
            shown = name if rng.random() < 0.7 else None
            guest_id = bare.id if recipe.dashed_guests else bare.id.replace("-", "")
            return replace(bare, id=guest_id, name=shown, tenant_id=PARTNER_TENANT)
    return user


def participant(person: Person) -> dict[str, Any]:
    """As in participants_v2 and organizer_v2."""
    identity: dict[str, Any] = dict.fromkeys(V2_KEYS)
    identity["endpointType"] = "default" if person.kind == "user" and person.unit else None
    identity[person.identity_key] = {**person.identity, "userPrincipalName": person.upn}
    if person.kind == "phone":
        identity["phone"] = person.identity
    identity |= second_identities(person)
    units = [{"id": person.unit}] if person.unit else []
    return {"id": person.id, "identity": identity, "administrativeUnitInfos": units}


def identity_set(person: Person) -> dict[str, Any]:
    """As in the deprecated organizer, participants and endpoint identity."""
    identities: dict[str, Any] = dict.fromkeys(LEGACY_KEYS)
    key = "acsUser" if person.kind == "acs" else person.identity_key
    identities[key] = person.identity
    return {**identities, **second_identities(person)}


def second_identities(person: Person) -> dict[str, Any]:
    """Further identities in the same identity set."""
    second: dict[str, Any] = {}
    if person.second_number:
        second["phone"] = {"id": person.second_number, "displayName": None, "tenantId": None}
    if person.empty_user and person.identity_key != "user":
        second["user"] = {}
    return second


def associated_identity(person: Person, *, address_only: bool = False) -> dict[str, Any]:
    if address_only and person.upn:
        return {"userPrincipalName": person.upn}
    kind = {"@odata.type": "#microsoft.graph.callRecords.userIdentity"} if person.kind == "user" else {}
    return {**kind, **person.identity, "id": person.session_id or person.id, "userPrincipalName": person.upn}
