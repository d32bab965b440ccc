"""What asks Entra, Graph and our own public address: hosts first, then every tenant, all at once."""

import asyncio
from dataclasses import dataclass, field

from app.doctor.cloud_hosts import Places
from app.doctor.finding import Check, skipped
from app.doctor.network import clock, graph, hosts, login, permission, public_url
from app.doctor.network.graph import Held
from app.doctor.network.hosts import Asked
from app.graph.auth.credentials import ManagedIdentity
from app.graph.transport import http_client
from app.graph.transport.http_client import Http
from app.graph.transport.spacing import Spacing
from app.runtime import wiring
from app.settings.environment import Settings


@dataclass(frozen=True, slots=True)
class Heard:
    """The checks made here, and the subscriptions that Graph holds for each tenant, None where it did not say."""

    checks: list[Check]
    held: dict[str, Held] = field(default_factory=dict)


async def examine(settings: Settings, places: Places) -> Heard:
    """Both parts at once: the longest takes as long as Graph would wait for us."""
    heard, inward = await asyncio.gather(_outward(settings, places), _inward(settings, places))
    return Heard([*heard.checks, inward], heard.held)


async def _inward(settings: Settings, places: Places) -> Check:
    # Microsoft's Graph trusts public authorities only, whatever SSL_CERT_FILE adds to them here.
    http = http_client.client(ca_file=None if places.are_microsofts else settings.ssl_cert_file)
    try:
        return await public_url.check(http, settings.public_url, places)
    finally:
        await http.aclose()


async def _outward(settings: Settings, places: Places) -> Heard:
    http = http_client.client(ca_file=settings.ssl_cert_file)
    try:
        login_host, graph_host = await asyncio.gather(
            _login_host(settings, http, places),
            hosts.ask(http, "graph_host", f"{places.graph}/v1.0/subscriptions", "GRAPH_CLOUD and GRAPH_BASE_URL"),
        )
        tenants, lists = settings.azure_tenant_id, Spacing()
        asked = (_tenant(settings, http, places, one, login_host, graph_host, lists) for one in tenants)
        heard = await asyncio.gather(*asked)
    finally:
        await http.aclose()
    skew = login_host.skew if login_host.skew is not None else graph_host.skew
    checks = [clock.check(skew), login_host.check, graph_host.check]
    return Heard(
        checks + [check for made, _ in heard for check in made],
        {tenant_id: held for tenant_id, (_, held) in zip(tenants, heard, strict=True)},
    )


async def _login_host(settings: Settings, http: Http, places: Places) -> Asked:
    if isinstance(wiring.credential(settings), ManagedIdentity):
        return Asked(skipped("login_host", "a managed identity asks its own machine instead"))
    url = f"{places.login}/{settings.azure_tenant_id[0]}/v2.0/.well-known/openid-configuration"
    return await hosts.ask(http, "login_host", url, "GRAPH_CLOUD and AZURE_AUTHORITY_HOST")


async def _tenant(
    settings: Settings,
    http: Http,
    places: Places,
    tenant_id: str,
    login_host: Asked,
    graph_host: Asked,
    lists: Spacing,
) -> tuple[list[Check], Held]:
    if login_host.check.state == "failed":
        names = (login.NAME, permission.NAME, graph.NAME)
        return [skipped(name, "needs login_host", tenant_id) for name in names], None
    token, logged_in = await login.log_in(settings, places, tenant_id)
    if token is None:
        return [logged_in, *(skipped(name, "needs login", tenant_id) for name in (permission.NAME, graph.NAME))], None
    allowed = permission.check(token, wiring.credential(settings), places.consent_url(tenant_id), tenant_id)
    if graph_host.check.state == "failed":
        return [logged_in, allowed, skipped(graph.NAME, "needs graph_host", tenant_id)], None
    held, answered = await graph.ask(settings, http, places, tenant_id, token, lists)
    return [logged_in, allowed, answered], held
