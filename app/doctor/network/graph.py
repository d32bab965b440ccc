"""Does Graph answer us? One cheap question: which subscriptions the app has."""

import asyncio
from collections.abc import Sequence

from app.doctor import connection_errors
from app.doctor.cloud_hosts import Places
from app.doctor.finding import Check, failed, ok, warning
from app.doctor.network import hosts, permission
from app.fetch.pace import Pace
from app.graph.auth.credentials import Credential
from app.graph.client import GraphClient, Subscription
from app.graph.errors import BadResponse, GraphError, LoginFailed, Refused, Throttled, Unavailable
from app.graph.transport.http_client import Http
from app.graph.transport.probe import Bearer
from app.graph.transport.spacing import Spacing
from app.runtime import wiring
from app.settings.environment import Settings
from app.subscriptions.graph import is_to_call_records

NAME = "graph"
PATIENCE = 5.0  # seconds
FORBIDDEN = 403

Held = Sequence[Subscription] | None


async def ask(
    settings: Settings, http: Http, places: Places, tenant_id: str, token: str, lists: Spacing
) -> tuple[Held, Check]:
    """The tenant's subscriptions to call records; None where Graph did not say."""
    await lists.turn()  # here, so that PATIENCE is Graph's alone
    client = GraphClient(
        http=http,
        auth=Bearer(token),
        root=places.graph,
        version=settings.graph_api_version,
        tenant_id=tenant_id,
        gate=Pace(settings.graph_rate),
    )
    try:
        async with asyncio.timeout(PATIENCE):
            held = [one for one in await client.subscriptions() if is_to_call_records(one)]
    except (GraphError, TimeoutError) as error:
        return None, check(error, wiring.credential(settings), places, tenant_id)
    count = {0: "no subscription", 1: "one subscription"}.get(len(held), f"{len(held)} subscriptions")
    return held, ok(NAME, f"answers; it holds {count} of this app to call records", tenant_id)


def check(  # noqa: PLR0911 -- one return for each kind of error
    error: GraphError | TimeoutError, credential: Credential, places: Places, tenant_id: str
) -> Check:
    """What an answer that is none means."""
    said = str(error)
    match error:
        case TimeoutError():
            found = f"Graph did not answer within {PATIENCE:.0f} s"
            return failed(NAME, found, "try again; if it stays so, look at proxies and at Graph's health", tenant_id)
        case Throttled(retry_after=wait):
            until = "a while" if wait is None else f"{wait:.0f} s"
            remedy = f"nothing: wait {until}; other programs may be using this app, too"
            return warning(NAME, said, remedy, tenant_id)
        case LoginFailed():
            remedy = "see that AZURE_AUTHORITY_HOST, GRAPH_CLOUD and GRAPH_BASE_URL are of one cloud, and the clock"
            return failed(NAME, said, remedy, tenant_id)
        case Refused(status=status) if status == FORBIDDEN:
            remedy = permission.grant(credential, places.consent_url(tenant_id))
            return failed(NAME, said.partition(";")[0], remedy, tenant_id)
        case BadResponse():
            return failed(NAME, said, "see that GRAPH_BASE_URL is Graph's, and no proxy answers instead", tenant_id)
        case Unavailable(status=None):
            unreached = hosts.unreached(
                NAME, places.graph, "GRAPH_BASE_URL and GRAPH_CLOUD", connection_errors.cause(error)
            )
            return failed(NAME, unreached.found, unreached.remedy or "", tenant_id)
        case Unavailable():
            return failed(NAME, said, "wait: Microsoft 365's health page tells of incidents", tenant_id)
        case _:
            return failed(NAME, said, "check GRAPH_BASE_URL and GRAPH_API_VERSION", tenant_id)
