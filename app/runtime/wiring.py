"""Settings turned into what asks Graph: a client per tenant, their paces and logins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.access.access_tokens import AccessTokens
from app.access.signing_keys import SigningKeys
from app.db import Database
from app.fetch.pace import PER_LOG, Pace
from app.fetch.record_form import StoredForm
from app.graph.auth.bearer import GraphAuth
from app.graph.auth.credentials import Certificate, Credential, FederatedToken, ManagedIdentity, Secret
from app.graph.auth.login import Login
from app.graph.call_logs.functions import FUNCTIONS
from app.graph.client import GraphClient
from app.graph.records.expand import Expand
from app.graph.transport import http_client
from app.graph.transport.large_records import LargeRecords
from app.graph.transport.spacing import Spacing
from app.ids import TenantId
from app.observability.metrics import Metrics
from app.observability.tracing import OFF, Tracing
from app.runtime.cloud_hosts import CloudHosts
from app.settings.environment import Settings
from app.subscriptions.ensure import Ensure
from app.subscriptions.graph import Urls


@dataclass(frozen=True, slots=True)
class Graph:
    """Each configured tenant's client and pace."""

    clients: dict[TenantId, GraphClient]
    paces: dict[TenantId, Pace]
    hosts: CloudHosts
    tracing: Tracing = OFF
    large: LargeRecords = field(default_factory=LargeRecords)

    def ensures(self, settings: Settings, database: Database, holder: str) -> dict[TenantId, Ensure]:
        """What keeps each tenant's subscription."""
        return {
            tenant_id: Ensure(
                database,
                client,
                tenant_id,
                Urls.under(settings.public_url),
                holder=holder,
                consent_url=self.hosts.consent_url(tenant_id),
                tracing=self.tracing,
            )
            for tenant_id, client in self.clients.items()
        }


@asynccontextmanager
async def open_graph(
    settings: Settings, metrics: Metrics, tracing: Tracing = OFF, database: Database | None = None
) -> AsyncIterator[Graph]:
    """A client for each tenant; nothing is asked of Graph yet.

    With a database, the form in which Graph gives a record is remembered from one process to the next.
    """
    hosts = CloudHosts.of(settings)
    http = http_client.client(ca_file=settings.ssl_cert_file)
    lists, large = Spacing(), LargeRecords()  # each one for all tenants
    paces = {tenant_id: Pace(settings.graph_rate) for tenant_id in settings.azure_tenant_id}
    clients = {
        tenant_id: GraphClient(
            http=http,
            auth=GraphAuth(login(settings, tenant_id)),
            root=hosts.graph,
            version=settings.graph_api_version,
            tenant_id=tenant_id,
            pace=pace,
            observe=metrics.observe_graph,
            lists=lists,
            expand=Expand(StoredForm(database, tenant_id)) if database else None,
            tracing=tracing,
            large=large,
            log_paces={kind: Pace(PER_LOG) for kind in FUNCTIONS},
        )
        for tenant_id, pace in paces.items()
    }
    try:
        yield Graph(clients, paces, hosts, tracing, large)
    finally:
        await http.aclose()


def login(settings: Settings, tenant_id: TenantId) -> Login:
    """The login of our application in a tenant."""
    hosts = CloudHosts.of(settings)
    return Login(
        tenant_id=tenant_id,
        client_id=hosts.client_id,
        credential=credential(settings),
        login=hosts.login,
        graph_root=hosts.graph,
        ca_file=settings.ssl_cert_file,
    )


def credential(settings: Settings) -> Credential:
    """The one of the four that is set."""
    if settings.azure_client_secret:
        return Secret(settings.azure_client_secret.get_secret_value())
    if settings.azure_client_certificate_path:
        password = settings.azure_client_certificate_password
        return Certificate(settings.azure_client_certificate_path, password.get_secret_value() if password else None)
    if settings.azure_federated_token_file:
        return FederatedToken(settings.azure_federated_token_file)
    identity = settings.azure_managed_identity or "system"
    return ManagedIdentity(None if identity == "system" else identity)


def tokens(settings: Settings) -> AccessTokens | None:
    """What reads Entra ID tokens; None, and none is taken, where API_AUDIENCE does not say for whom they must be."""
    if not settings.api_audience:
        return None
    hosts = CloudHosts.of(settings)
    keys = SigningKeys(hosts.login, settings.ssl_cert_file)
    return AccessTokens(hosts.login, settings.azure_tenant_id, settings.api_audience, keys)
