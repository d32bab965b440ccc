"""People who sign in with a browser, and their app roles."""

from dataclasses import dataclass

from app.simulator.samples.recipe import HOME_TENANT


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    tenant_id: str = HOME_TENANT
    roles: tuple[str, ...] = ()


ADMIN = Person("5e1ec7ed-0000-4000-8000-00000000000a", "Ines Admin", roles=("CallRecords.Admin",))
READER = Person("5e1ec7ed-0000-4000-8000-00000000000b", "Rolf Reader", roles=("CallRecords.Read",))
WITHOUT_ROLE = Person("5e1ec7ed-0000-4000-8000-00000000000c", "Nora Norole")
EVERYBODY = (ADMIN, READER, WITHOUT_ROLE)
