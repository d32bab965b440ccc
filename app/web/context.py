"""What the routes work with, handed to the app once: no globals."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from app.access.audit import Audit
from app.db import Database
from app.metrics import Metrics
from app.web.graph_context import GraphContext
from app.web.keys import Keys
from app.web.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Context:
    """One process's database, tenants, keys, counters and audit."""

    database: Database
    tenant_ids: tuple[str, ...]
    keys: Keys
    metrics: Metrics
    audit: Audit
    graph: GraphContext = field(default_factory=GraphContext)
    entra: Any = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server stops: what streams for ever ends then."""

    @property
    def sessions(self) -> Sessions:
        """Who is signed in to the pages."""
        return Sessions(self.database, self.keys.static)


def context(request: Request) -> Context:
    """The context of the app that serves this request."""
    here: Context = request.app.state.context
    return here
