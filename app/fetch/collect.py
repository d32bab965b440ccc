"""Reads one complete call record: passes the parts that Graph returns to the archive's builder."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from app.archive.parse.record import ParsedRecord, RecordBuilder
from app.fetch.refusals import ListClient
from app.graph.client import Part, Read
from app.ids import CallId, TenantId

# For a small record, a switch to a thread costs more than parsing. A larger one would block the event loop.
LARGE = 200_000  # bytes
MANY = 20  # sessions or participants in a part that came without its bytes


class Client(ListClient, Protocol):
    """The part of `app.graph.client.GraphClient` that a worker needs."""

    def call_record(self, call_id: CallId, read: Read | None = None) -> AsyncGenerator[Part, None]: ...


class Elsewhere(Protocol):
    """Reads a record that came complete in one answer, beside this process."""

    async def read(self, tenant_id: TenantId, call_id: CallId, raw: bytes) -> ParsedRecord | None: ...


async def collect(
    client: Client, tenant_id: TenantId, call_id: CallId, elsewhere: Elsewhere | None = None
) -> ParsedRecord:
    """The record with all its pages, parsed and compressed as they arrive; raises GraphError."""
    read = partial(elsewhere.read, tenant_id, call_id) if elsewhere else None
    reading: _Reading | None = None
    async with aclosing(client.call_record(call_id, read)) as parts:
        async for part in parts:
            if part.kind == "read":
                record: ParsedRecord = part.value
                return record
            reading = reading or _Reading(tenant_id, call_id)
            await reading.add(part)
    reading = reading or _Reading(tenant_id, call_id)
    return await reading.finish(datetime.now(UTC))


class _Reading:
    """Reads a record in this process: in the event loop while it is small."""

    def __init__(self, tenant_id: TenantId, call_id: CallId) -> None:
        self._builder = RecordBuilder(tenant_id, call_id)
        self._is_large = False

    async def add(self, part: Part) -> None:
        self._is_large = self._is_large or _is_large(part)
        if self._is_large:
            await asyncio.to_thread(_add, self._builder, part)
        else:
            _add(self._builder, part)

    async def finish(self, now: datetime) -> ParsedRecord:
        return await asyncio.to_thread(self._builder.finish, now) if self._is_large else self._builder.finish(now)


def _add(builder: RecordBuilder, part: Part) -> None:
    match part:
        case Part(kind="record"):
            builder.begin(part.value, part.raw)
        case Part(kind="sessions", restart=True):
            builder.restart_sessions(part.value)
        case Part(kind="sessions"):
            builder.add_sessions(part.value)
        case Part(kind="participants", restart=True):
            builder.restart_participants(part.value)
        case Part(kind="participants"):
            builder.add_participants(part.value)
        case Part(kind="incomplete"):
            builder.mark_incomplete(part.value["reason"])


def _is_large(part: Part) -> bool:
    if part.raw is not None:
        return len(part.raw) > LARGE
    value: Any = part.value
    items = value if isinstance(value, list) else value.get("sessions") or ()
    return isinstance(items, list) and len(items) > MANY
