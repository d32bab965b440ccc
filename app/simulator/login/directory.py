"""The directory: tenants, people, and apps with secrets, certificates and trusted assertions."""

from dataclasses import dataclass, field
from random import Random

from cryptography import x509

from app.simulator.login.people import EVERYBODY, Person
from app.simulator.samples.random_values import guid
from app.simulator.samples.recipe import HOME_TENANT


@dataclass(frozen=True, slots=True)
class Tenant:
    id: str
    domain: str


@dataclass(slots=True)
class App:
    client_id: str
    secrets: set[str] = field(default_factory=set)
    certificates: list[x509.Certificate] = field(default_factory=list)
    assertions: set[str] = field(default_factory=set)  # federated tokens that are accepted unchecked
    absent_from: set[str] = field(default_factory=set)  # tenants without admin consent for it
    redirect_uris: set[str] = field(default_factory=set)  # in addition to loopback addresses, which are all accepted


class Directory:
    def __init__(self, rng: Random) -> None:
        self.tenants: dict[str, Tenant] = {}
        self.apps: dict[str, App] = {}
        self.people = {each.id: each for each in EVERYBODY}
        self.tenant = self.add_tenant(HOME_TENANT, "contoso.example")
        self.client_secret = f"sim~{rng.getrandbits(160):040x}"
        self.app = self.add_app(App(guid(rng), secrets={self.client_secret}))
        self.identity_header = f"{rng.getrandbits(128):032x}"  # the header value of App Service's managed identity

    def add_tenant(self, tenant_id: str, domain: str) -> Tenant:
        tenant = Tenant(tenant_id, domain)
        self.tenants[tenant_id] = tenant
        return tenant

    def add_app(self, app: App) -> App:
        self.apps[app.client_id] = app
        return app

    def add_person(self, person: Person) -> Person:
        self.people[person.id] = person
        return person

    def find_tenant(self, name: str) -> Tenant | None:
        """By id or by domain."""
        wanted = name.lower()
        return next((each for each in self.tenants.values() if wanted in (each.id, each.domain)), None)

    def add_certificate(self, pem: str | bytes, client_id: str | None = None) -> None:
        raw = pem.encode() if isinstance(pem, str) else pem
        self.apps[client_id or self.app.client_id].certificates.append(x509.load_pem_x509_certificate(raw))

    def trust_assertion(self, token: str, client_id: str | None = None) -> None:
        self.apps[client_id or self.app.client_id].assertions.add(token)
