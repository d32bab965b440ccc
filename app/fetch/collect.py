"""Reads one complete call record: passes the parts that Graph returns to the archive's builder."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Protocol

from app.archive.parse.record import ParsedRecord, RecordBuilder
from app.fetch.refusals import ListClient
from app.graph.client import Part
from app.ids import CallId, TenantId

# For a small record, a switch to a thread costs more than parsing. A larger one would block the event loop.
LARGE = 200_000  # bytes
MANY = 20  # sessions or participants in a part that came without its bytes


class Client(ListClient, Protocol):
    """The part of `app.graph.client.GraphClient` that a worker needs."""

    def call_record(self, call_id: CallId) -> AsyncGenerator[Part, None]: ...


async def collect(client: Client, tenant_id: TenantId, call_id: CallId) -> ParsedRecord:
    """The record with all its pages, parsed and compressed as they arrive; raises GraphError."""
    builder = RecordBuilder(tenant_id, call_id)
    large = False
    async with aclosing(client.call_record(call_id)) as parts:
        async for part in parts:
            large = large or _is_large(part)
            if large:
                await asyncio.to_thread(_add, builder, part)
            else:
                _add(builder, part)
    now = datetime.now(UTC)
    return await asyncio.to_thread(builder.finish, now) if large else builder.finish(now)


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
