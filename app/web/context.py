"""What the routes work with, handed to the app once: no globals."""

from dataclasses import dataclass, field

from fastapi import Request

from app.access.audit import Audit
from app.db import Database
from app.metrics import Metrics
from app.web.graph_context import GraphContext
from app.web.keys import Keys


@dataclass(frozen=True, slots=True)
class Context:
    """One process's database, tenants, keys, counters and audit."""

    database: Database
    tenant_ids: tuple[str, ...]
    keys: Keys
    metrics: Metrics
    audit: Audit
    graph: GraphContext = field(default_factory=GraphContext)


def context(request: Request) -> Context:
    """The context of the app that serves this request."""
    here: Context = request.app.state.context
    return here
