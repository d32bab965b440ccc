"""Readiness: read the database, and judge whether the service collects calls."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from app.archive.daily import count_state
from app.archive.daily.count_state import CountState
from app.archive.detail import changes
from app.archive.detail.changes import Progress
from app.archive.erasure.requests import table as erasure_requests
from app.archive.erasure.requests.table import Summary
from app.db import Database, schema_version
from app.db.outage.causes import in_words
from app.health import rules
from app.health.rules import Reason
from app.health.storing import Storing
from app.health.tenant import Tenant, tenant_states
from app.ids import TenantId
from app.outbound.registry import health as webhooks
from app.outbound.registry.health import Failing, Waiting

SECONDS = 2.5  # for the database; monitors do not wait longer than 3 for an answer


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each tenant's state (None if the database does not answer) and every reason why the service is not ready."""

    tenants: list[Tenant] | None
    reasons: list[Reason]
    counts: CountState = field(default_factory=CountState)
    detail_rows: Progress | None = None
    """The last run that removed or wrote detail rows; see DETAIL_ROWS."""
    erasures: Summary = field(default_factory=Summary)
    """Requests to erase people."""
    failing_webhooks: Sequence[Failing] = ()
    """Webhooks that do not accept events; calls are collected nevertheless."""
    deliveries: Waiting = field(default_factory=Waiting)


async def check(
    database: Database,
    tenant_ids: Sequence[TenantId],
    storing: Storing | None = None,
    *,
    seconds: float = SECONDS,
) -> Readiness:
    """The health now, within ``seconds``; a database that does not answer is a reason, not an error.

    ``storing``: what this process knows of its webhook.
    """
    found = await _read_in_time(database, tenant_ids, seconds)
    refused = storing.reason() if storing else None
    return replace(found, reasons=[*found.reasons, refused]) if refused else found


async def reasons_not_ready(
    database: Database,
    tenant_ids: Sequence[TenantId],
    storing: Storing | None = None,
    *,
    seconds: float = SECONDS,
) -> list[Reason]:
    """Every reason why the service does not collect calls; empty if it does."""
    return (await check(database, tenant_ids, storing, seconds=seconds)).reasons


async def _read_in_time(database: Database, tenant_ids: Sequence[TenantId], seconds: float) -> Readiness:
    """A read that does not end in time is cancelled. The cancellation may take longer, and is not waited for."""
    reading = asyncio.create_task(_read(database, tenant_ids), name="readiness")
    try:
        done, _ = await asyncio.wait([reading], timeout=seconds)
    finally:
        if not reading.done():
            reading.add_done_callback(_retrieve)
            reading.cancel()
    if not done:
        return Readiness(None, [Reason("database", f"the database does not answer within {seconds:g} s")])
    return reading.result()


async def _read(database: Database, tenant_ids: Sequence[TenantId]) -> Readiness:
    try:
        revision = await schema_version.current(database)
        if schema_version.is_outdated(revision):
            return Readiness(None, [Reason("migration", schema_version.outdated(revision))])
        states = await tenant_states(database, tenant_ids)
        async with database.reading() as db:
            counts = await count_state.read(db)
            detail_rows = await changes.read(db)
            erasures = await erasure_requests.summary(db)
            failing, deliveries = await webhooks.failing(db), await webhooks.waiting(db)
    except (SQLAlchemyError, OSError) as error:
        return Readiness(None, [Reason("database", f"the database cannot be read: {in_words(error)}")])
    now = datetime.now(UTC)
    reasons = [reason for state in states for reason in rules.reasons(state, now)]
    return Readiness(states, reasons, counts, detail_rows, erasures, failing, deliveries)


def _retrieve(task: asyncio.Task[Readiness]) -> None:
    if not task.cancelled():
        task.exception()
