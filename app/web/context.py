"""What the routes work with, handed to the app once: no globals."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request

from app.access.audit import Audit
from app.db import Database, Readers
from app.health import readiness
from app.health.storing import Storing
from app.ids import TenantId
from app.observability.metrics import Metrics
from app.outbound.sending.addresses import Network
from app.web import request_body
from app.web.auth.attempts import Attempts
from app.web.auth.callers import Keys
from app.web.auth.entra import Entra
from app.web.auth.rare_entries import RareEntries
from app.web.auth.sign_in_sessions import Sessions
from app.web.auth.wrong_keys import WrongKeys
from app.web.graph_api.context import GraphContext
from app.web.reads.limits import ReadLimits
from app.web.reads.turns import Turns
from app.web.request_body import RequestBodies


@dataclass(frozen=True, slots=True)
class Context:
    """One process's database, tenants, keys, counters and audit."""

    database: Database
    tenant_ids: tuple[TenantId, ...]
    keys: Keys
    metrics: Metrics
    audit: Audit
    wrong_keys: WrongKeys
    """Slows down guessing."""
    graph: GraphContext = field(default_factory=GraphContext)
    entra: Entra | None = None
    """Signs people in to the pages, where the settings say so."""
    by_key: bool = True
    """Whether a key does."""
    readiness_seconds: float = readiness.SECONDS
    """How long `/readyz` and `/metrics` wait for the database."""
    forms: RequestBodies = field(default_factory=request_body.forms)
    lists: RequestBodies = field(default_factory=request_body.lists)
    readers: Readers | None = None
    """Reading connections for the requests of callers; by default those of ``database``."""
    limits: ReadLimits = field(default_factory=ReadLimits)
    sign_in_attempts: Attempts = field(default_factory=Attempts)
    """Failed sign-ins with Entra ID."""
    without_role: RareEntries = field(default_factory=RareEntries)
    """When callers without a role were recorded last."""
    storing: Storing = field(default_factory=Storing)
    """Whether the webhook of this process stores notifications."""
    webhook_allow: tuple[Network, ...] = ()
    """Private networks to which webhooks may send events."""
    trunk_channels: Mapping[str, int] = field(default_factory=dict)
    """The number of channels of each trunk, by its name in lower case."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server stops: what streams for ever ends then."""

    sessions: Sessions = field(init=False)
    """Who is signed in to the pages."""
    live_streams: Turns = field(init=False)
    """Of new calls, by caller."""

    @property
    def reads(self) -> Readers:
        return self.readers or self.database

    def __post_init__(self) -> None:
        theirs = self.tenant_ids if self.entra else ()
        sessions = Sessions(self.database, self.keys.static, theirs, keys_open=self.by_key)
        object.__setattr__(self, "sessions", sessions)  # as a frozen dataclass sets its own
        object.__setattr__(self, "live_streams", Turns(self.limits.live))


def context(request: Request) -> Context:
    """The context of the app that serves this request."""
    here: Context = request.app.state.context
    return here
