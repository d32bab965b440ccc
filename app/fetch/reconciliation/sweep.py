"""One pass over Graph's list of call records, slice by slice; its progress is stored after each slice.

Notifications get lost, and there is no delta query for call records, so the list is the only proof of completeness.
https://learn.microsoft.com/graph/api/callrecords-cloudcommunications-list-callrecords
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.db import Database
from app.fetch.reconciliation import progress, window
from app.fetch.reconciliation.progress import Progress
from app.fetch.reconciliation.slice_reader import Client, Options, SliceReader, TakenOver
from app.fetch.reconciliation.window import Slice
from app.graph.errors import GraphError, Refused, Throttled, Unavailable
from app.observability import log

_BAD_REQUEST = 400
_PAUSES = (1.0, 2.0, 5.0, 10.0)  # seconds before a slice is asked for again whose first page did not come
_LONGEST_WAIT = 120.0  # seconds; a longer Retry-After ends this attempt, and the sweep continues after it

_log = log.get(__name__)


class Sweep:
    """Queues the missing calls of Graph's list, from ``begun.position`` on. ``begun`` must be stored already."""

    def __init__(
        self,
        database: Database,
        client: Client,
        begun: Progress,
        options: Options,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._client = client
        self._options = options
        self._sleep = sleep
        self._at = begun

    async def run(self) -> Progress:
        """To the end of the list; raises GraphError, or TakenOver.

        A sweep that breaks off has queued the missing calls that it listed, and continues with the slice in which it
        broke off.
        """
        while (part := self._next()) is not None:
            is_read = await self._read(part)
            if is_read and part.until is None:
                break
        await self._save(ended_at=_now())
        return self._at

    def _next(self) -> Slice | None:
        at = self._at
        return window.next_slice(at.position, at.until, at.length, _now(), at.margin)

    async def _read(self, part: Slice) -> bool:
        """Whether the slice was read to its end."""
        reader, asked_at = SliceReader(self._database, self._client, self._at, part, self._options), _now()
        try:
            await self._read_patiently(reader)
        except Refused as error:
            if error.status != _BAD_REQUEST or reader.pages:
                raise
            await self._narrow(part, error)
            return False
        except GraphError:
            if reader.pages:
                await self._save(length=window.after_failure(self._at.length))
            raise
        if reader.is_too_long:
            await self._save(length=window.LONGEST_DENSE)
            return False
        await self._save(
            position=part.until or self._at.until or asked_at,
            length=window.next_length(self._at.length, reader.pages),
            listed=self._at.listed + reader.swept.listed,
            queued=self._at.queued + reader.swept.queued,
        )
        return True

    async def _read_patiently(self, reader: SliceReader) -> None:
        """Retry the first page. The client itself retries the following pages."""
        for pause in _PAUSES:
            try:
                return await reader.read()
            except (Throttled, Unavailable) as error:
                wait = error.retry_after if isinstance(error, Throttled) else None
                if reader.pages or (wait or 0.0) > _LONGEST_WAIT:
                    raise
                await self._sleep(pause if wait is None else wait)
        return await reader.read()

    async def _narrow(self, part: Slice, error: Refused) -> None:
        """After a 400, use a narrower window. Raise the error if no narrower window is left."""
        at = self._at
        margin = window.wider_margin(part, at.position, at.until, at.length, _now(), at.margin)
        if margin is None:
            raise error
        _log.warning(
            "sweep_window_narrowed",
            tenant_id=at.tenant_id,
            margin_seconds=margin.total_seconds(),
            error=str(error),
            request_id=error.request_id,
        )
        await self._save(margin=margin, refusal=str(error))

    async def _save(self, **changes: Any) -> None:
        self._at = replace(self._at, updated_at=_now(), **changes)
        async with self._database.begin() as db:
            if not await progress.save(db, self._at):
                raise TakenOver


def _now() -> datetime:
    return datetime.now(UTC)
