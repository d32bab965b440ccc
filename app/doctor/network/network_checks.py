"""The checks of Entra, Graph and PUBLIC_URL: hosts first, then every tenant, concurrently."""

import asyncio
from dataclasses import dataclass, field

from app.doctor.finding import Check, skipped
from app.doctor.limits import Limits
from app.doctor.network import clock, graph, hosts, login, permission, public_url
from app.doctor.network.graph import AtGraph
from app.doctor.network.hosts import HostCheck
from app.graph.auth.credentials import ManagedIdentity
from app.graph.transport import http_client
from app.graph.transport.http_client import Http
from app.graph.transport.spacing import Spacing
from app.ids import TenantId
from app.runtime import wiring
from app.runtime.cloud_hosts import CloudHosts
from app.settings.environment import Settings


@dataclass(frozen=True, slots=True)
class NetworkFindings:
    """The findings, and each tenant's subscriptions at Graph."""

    checks: list[Check]
    subscriptions: dict[TenantId, AtGraph] = field(default_factory=dict)


async def run(settings: Settings, cloud: CloudHosts, limits: Limits) -> NetworkFindings:
    """Both directions concurrently: the longest check takes as long as Graph waits for the handshake."""
    outward, inward = await asyncio.gather(_outward(settings, cloud, limits), _inward(settings, cloud, limits))
    return NetworkFindings([*outward.checks, inward], outward.subscriptions)


async def _inward(settings: Settings, cloud: CloudHosts, limits: Limits) -> Check:
    # Microsoft's Graph trusts only public authorities, whatever SSL_CERT_FILE adds on this machine.
    http = http_client.client(ca_file=None if cloud.are_microsofts else settings.ssl_cert_file)
    try:
        return await public_url.check(http, settings.public_url, cloud, limits)
    finally:
        await http.aclose()


async def _outward(settings: Settings, cloud: CloudHosts, limits: Limits) -> NetworkFindings:
    http = http_client.client(ca_file=settings.ssl_cert_file)
    try:
        login_host, graph_host = await asyncio.gather(
            _login_host(settings, http, cloud, limits.host),
            hosts.check(
                http,
                "graph_host",
                f"{cloud.graph}/v1.0/subscriptions",
                "GRAPH_CLOUD and GRAPH_BASE_URL",
                limit=limits.host,
            ),
        )
        tenant_ids = settings.azure_tenant_id
        of_tenant = TenantChecks(settings, http, cloud, limits, login_host.check, graph_host.check)
        by_tenant = await asyncio.gather(*(of_tenant.run(tenant_id) for tenant_id in tenant_ids))
    finally:
        await http.aclose()
    skew = login_host.skew if login_host.skew is not None else graph_host.skew
    checks = [clock.check(skew), login_host.check, graph_host.check]
    return NetworkFindings(
        checks + [check for found, _ in by_tenant for check in found],
        {tenant_id: at_graph for tenant_id, (_, at_graph) in zip(tenant_ids, by_tenant, strict=True)},
    )


async def _login_host(settings: Settings, http: Http, cloud: CloudHosts, limit: float) -> HostCheck:
    if isinstance(wiring.credential(settings), ManagedIdentity):
        return HostCheck(skipped("login_host", "not needed: a managed identity logs in through its own machine"))
    url = f"{cloud.login}/{settings.azure_tenant_id[0]}/v2.0/.well-known/openid-configuration"
    return await hosts.check(http, "login_host", url, "GRAPH_CLOUD and AZURE_AUTHORITY_HOST", limit=limit)


@dataclass(frozen=True, slots=True)
class TenantChecks:
    """The checks that run once for each tenant, after those of the two hosts."""

    settings: Settings
    http: Http
    cloud: CloudHosts
    limits: Limits
    login_host: Check
    graph_host: Check
    lists: Spacing = field(default_factory=Spacing)

    async def run(self, tenant_id: TenantId) -> tuple[list[Check], AtGraph]:
        if self.login_host.state == "failed":
            names = (login.NAME, permission.NAME, graph.NAME)
            return [skipped(name, "needs login_host", tenant_id) for name in names], None
        token, logged_in = await login.log_in(self.settings, self.cloud, tenant_id, self.limits.login)
        if token is None:
            skip = [skipped(name, "needs login", tenant_id) for name in (permission.NAME, graph.NAME)]
            return [logged_in, *skip], None
        consent_url = self.cloud.consent_url(tenant_id)
        permitted = permission.check(token, wiring.credential(self.settings), consent_url, tenant_id)
        if self.graph_host.state == "failed":
            return [logged_in, permitted, skipped(graph.NAME, "needs graph_host", tenant_id)], None
        await self.lists.turn()  # outside of the limit, which is for Graph only
        at_graph, answered = await graph.list_subscriptions(
            self.settings, self.http, self.cloud, tenant_id, token, self.limits.graph
        )
        return [logged_in, permitted, answered], at_graph
