"""Checks that Graph answers, with one cheap request: the app's subscriptions."""

import asyncio
from collections.abc import Sequence

from app.doctor import connection_errors
from app.doctor.finding import Check, failed, ok, warning
from app.doctor.network import hosts, permission
from app.fetch.pace import Pace
from app.graph.auth.credentials import Credential
from app.graph.client import GraphClient, Subscription
from app.graph.errors import BadResponse, GraphError, LoginFailed, Refused, Throttled, Unavailable
from app.graph.transport.http_client import Http
from app.graph.transport.probe import Bearer
from app.health.durations import counted
from app.ids import TenantId
from app.runtime import wiring
from app.runtime.cloud_hosts import CloudHosts
from app.settings.environment import Settings
from app.subscriptions.graph import is_to_call_records

NAME = "graph"
FORBIDDEN = 403

AtGraph = Sequence[Subscription] | None
"""A tenant's subscriptions at Graph; None if Graph did not answer."""


async def list_subscriptions(
    settings: Settings, http: Http, cloud: CloudHosts, tenant_id: TenantId, token: str, limit: float
) -> tuple[AtGraph, Check]:
    """The tenant's subscriptions to call records, if Graph answers within ``limit`` seconds."""
    client = GraphClient(
        http=http,
        auth=Bearer(token),
        root=cloud.graph,
        version=settings.graph_api_version,
        tenant_id=tenant_id,
        pace=Pace(settings.graph_rate),
    )
    try:
        async with asyncio.timeout(limit):
            found = [one for one in await client.subscriptions() if is_to_call_records(one)]
    except TimeoutError:
        error = TimeoutError(f"Graph did not answer within {limit:.0f} s")
        return None, check(error, wiring.credential(settings), cloud, tenant_id)
    except GraphError as error:
        return None, check(error, wiring.credential(settings), cloud, tenant_id)
    return found, ok(NAME, f"answers; this app has {counted(len(found), 'subscription')} to call records", tenant_id)


def check(  # noqa: PLR0911 -- one return for each kind of error
    error: GraphError | TimeoutError, credential: Credential, cloud: CloudHosts, tenant_id: TenantId
) -> Check:
    """What an error means, and what to do."""
    message = str(error)
    match error:
        case TimeoutError():
            remedy = "try again; if it persists, check proxies and Microsoft 365's health"
            return failed(NAME, message, remedy, tenant_id)
        case Throttled(retry_after=wait):
            remedy = f"wait {'a while' if wait is None else f'{wait:.0f} s'}; other programs may use this app, too"
            return warning(NAME, message, remedy, tenant_id)
        case LoginFailed():
            remedy = "check that AZURE_AUTHORITY_HOST, GRAPH_CLOUD and GRAPH_BASE_URL are of one cloud; check the clock"
            return failed(NAME, message, remedy, tenant_id)
        case Refused(status=status) if status == FORBIDDEN:
            remedy = permission.grant(credential, cloud.consent_url(tenant_id))
            return failed(NAME, message.partition(";")[0], remedy, tenant_id)
        case BadResponse():
            remedy = "check that GRAPH_BASE_URL is the URL of Graph, and that no proxy answers instead"
            return failed(NAME, message, remedy, tenant_id)
        case Unavailable(status=None):
            cause = connection_errors.cause(error)
            unreached = hosts.unreached(NAME, cloud.graph, "GRAPH_BASE_URL and GRAPH_CLOUD", cause)
            return failed(NAME, unreached.found, unreached.remedy or "", tenant_id)
        case Unavailable():
            return failed(NAME, message, "wait; Microsoft 365's health page shows incidents", tenant_id)
        case _:
            return failed(NAME, message, "check GRAPH_BASE_URL and GRAPH_API_VERSION", tenant_id)
