"""The checks of Entra, Graph and PUBLIC_URL: hosts first, then every tenant, concurrently."""

import asyncio
from dataclasses import dataclass, field

from app.doctor.cloud_hosts import CloudHosts
from app.doctor.finding import Check, skipped
from app.doctor.network import clock, graph, hosts, login, permission, public_url
from app.doctor.network.graph import AtGraph
from app.doctor.network.hosts import HostCheck
from app.graph.auth.credentials import ManagedIdentity
from app.graph.transport import http_client
from app.graph.transport.http_client import Http
from app.graph.transport.spacing import Spacing
from app.runtime import wiring
from app.settings.environment import Settings


@dataclass(frozen=True, slots=True)
class NetworkFindings:
    """The findings, and each tenant's subscriptions at Graph."""

    checks: list[Check]
    subscriptions: dict[str, AtGraph] = field(default_factory=dict)


async def run(settings: Settings, cloud: CloudHosts) -> NetworkFindings:
    """Both directions concurrently: the longest check takes as long as Graph waits for the handshake."""
    outward, inward = await asyncio.gather(_outward(settings, cloud), _inward(settings, cloud))
    return NetworkFindings([*outward.checks, inward], outward.subscriptions)


async def _inward(settings: Settings, cloud: CloudHosts) -> Check:
    # Microsoft's Graph trusts only public authorities, whatever SSL_CERT_FILE adds on this machine.
    http = http_client.client(ca_file=None if cloud.are_microsofts else settings.ssl_cert_file)
    try:
        return await public_url.check(http, settings.public_url, cloud)
    finally:
        await http.aclose()


async def _outward(settings: Settings, cloud: CloudHosts) -> NetworkFindings:
    http = http_client.client(ca_file=settings.ssl_cert_file)
    try:
        login_host, graph_host = await asyncio.gather(
            _login_host(settings, http, cloud),
            hosts.check(http, "graph_host", f"{cloud.graph}/v1.0/subscriptions", "GRAPH_CLOUD and GRAPH_BASE_URL"),
        )
        tenant_ids, lists = settings.azure_tenant_id, Spacing()
        by_tenant = await asyncio.gather(
            *(_tenant(settings, http, cloud, tenant_id, login_host, graph_host, lists) for tenant_id in tenant_ids)
        )
    finally:
        await http.aclose()
    skew = login_host.skew if login_host.skew is not None else graph_host.skew
    checks = [clock.check(skew), login_host.check, graph_host.check]
    return NetworkFindings(
        checks + [check for of_tenant, _ in by_tenant for check in of_tenant],
        {tenant_id: at_graph for tenant_id, (_, at_graph) in zip(tenant_ids, by_tenant, strict=True)},
    )


async def _login_host(settings: Settings, http: Http, cloud: CloudHosts) -> HostCheck:
    if isinstance(wiring.credential(settings), ManagedIdentity):
        return HostCheck(skipped("login_host", "not needed: a managed identity logs in through its own machine"))
    url = f"{cloud.login}/{settings.azure_tenant_id[0]}/v2.0/.well-known/openid-configuration"
    return await hosts.check(http, "login_host", url, "GRAPH_CLOUD and AZURE_AUTHORITY_HOST")


async def _tenant(
    settings: Settings,
    http: Http,
    cloud: CloudHosts,
    tenant_id: str,
    login_host: HostCheck,
    graph_host: HostCheck,
    lists: Spacing,
) -> tuple[list[Check], AtGraph]:
    if login_host.check.state == "failed":
        names = (login.NAME, permission.NAME, graph.NAME)
        return [skipped(name, "needs login_host", tenant_id) for name in names], None
    token, logged_in = await login.log_in(settings, cloud, tenant_id)
    if token is None:
        return [logged_in, *(skipped(name, "needs login", tenant_id) for name in (permission.NAME, graph.NAME))], None
    permitted = permission.check(token, wiring.credential(settings), cloud.consent_url(tenant_id), tenant_id)
    if graph_host.check.state == "failed":
        return [logged_in, permitted, skipped(graph.NAME, "needs graph_host", tenant_id)], None
    at_graph, answered = await graph.list_subscriptions(settings, http, cloud, tenant_id, token, lists)
    return [logged_in, permitted, answered], at_graph
