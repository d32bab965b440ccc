"""Every span with the attributes it may have: written into docs/reference.md, and the list of allowed attributes."""

from typing import NamedTuple, Protocol

from app.observability.metrics import OUTCOMES

TENANT = "callkeeper.tenant_id"
CALL = "callkeeper.call_id"
VERSION = "callkeeper.version"
ATTEMPTS = "callkeeper.attempts"
OUTCOME = "callkeeper.outcome"
ITEMS = "callkeeper.items"
OUTCOME_OF = {outcome: f"callkeeper.items.{outcome}" for outcome in OUTCOMES}
HANDSHAKE = "callkeeper.handshake"
NOTICES = "callkeeper.notices"
EVENTS = "callkeeper.lifecycle_events"
CLAIMED = "callkeeper.claimed"
RECORDS = "callkeeper.records"
ROWS = "callkeeper.rows"
OPERATION = "callkeeper.operation"
REQUEST_ID = "callkeeper.graph.request_id"
CLIENT_REQUEST_ID = "callkeeper.graph.client_request_id"
ACTION = "callkeeper.action"
SUBSCRIPTION = "callkeeper.subscription_id"
LISTED = "callkeeper.listed"
QUEUED = "callkeeper.queued"

# https://opentelemetry.io/docs/specs/semconv/http/http-spans/
METHOD = "http.request.method"
STATUS = "http.response.status_code"
RESENT = "http.request.resend_count"
ROUTE = "http.route"
SERVER = "server.address"
ERROR = "error.type"  # in any span whose work did not succeed

PUT, CLAIM, FETCH, SAVE = "inbox put", "inbox claim", "fetch", "archive save"
ENSURE, SWEEP = "subscription ensure", "sweep"


class Claimed(Protocol):
    """The part of `app.inbox.queue.Claim` that a span contains."""

    @property
    def tenant_id(self) -> str: ...
    @property
    def call_id(self) -> str: ...
    @property
    def attempts(self) -> int: ...


def about(claim: Claimed) -> dict[str, str | int]:
    """What a fetch begins with."""
    return {TENANT: claim.tenant_id, CALL: claim.call_id, ATTEMPTS: claim.attempts}


class Described(NamedTuple):
    """What a span covers, and the attributes it may have."""

    meaning: str
    attributes: tuple[str, ...]


SPANS = {
    "POST /graph/notifications": Described(
        "One POST from Graph, from its arrival to its answer; also `POST /graph/lifecycle`.",
        (METHOD, ROUTE, STATUS, HANDSHAKE, ITEMS, *OUTCOME_OF.values()),
    ),
    PUT: Described(
        "The commit of the ids of one or several POSTs: a child of the first POST's span, linked to the others.",
        (NOTICES, EVENTS),
    ),
    CLAIM: Described("A worker claimed due rows; a claim without rows makes no span.", (CLAIMED,)),
    FETCH: Described(
        "One attempt to fetch one record, linked to the notification or the sweep that queued it last.",
        (TENANT, CALL, ATTEMPTS, OUTCOME, VERSION),
    ),
    "GET call_record": Described(
        "One request to Graph, named for its method and operation: `GET page`, `POST create_subscription` and so on.",
        (METHOD, SERVER, STATUS, RESENT, OPERATION, REQUEST_ID, CLIENT_REQUEST_ID),
    ),
    SAVE: Described(
        "The transaction that stores one or several records: a child of the first one's fetch, linked to the others.",
        (RECORDS, ROWS),
    ),
    ENSURE: Described("One check of a tenant's subscription.", (TENANT, ACTION, SUBSCRIPTION)),
    SWEEP: Described("One sweep of Graph's list of call records.", (TENANT, LISTED, QUEUED)),
    "GET /api/calls": Described(
        "A request to the read API or a page, named for its method and its route. Probes and scrapes make no span.",
        (METHOD, ROUTE, STATUS),
    ),
}
ALLOWED = frozenset({ERROR}.union(*(described.attributes for described in SPANS.values())))
