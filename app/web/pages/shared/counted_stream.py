"""A streamed answer whose entry in the audit says how many records have left so far."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fastapi import Request
from starlette.responses import StreamingResponse

from app.web.context import context

Leaves = Callable[[int], Awaitable[None]]
"""Called with a number of records before they are sent; raises TimeoutError or the database's error."""


class CountedStream(StreamingResponse):
    """Streams ``content(leaves)``; access control calls ``recorded_as`` before the first byte is sent."""

    def __init__(self, request: Request, content: Callable[[Leaves], AsyncIterator[str]], **more: Any) -> None:
        self._audit = context(request).audit
        self._entry_id: int | None = None
        self._left = 0
        request.state.stream = self
        super().__init__(content(self._leaves), **more)

    def recorded_as(self, entry_id: int) -> None:
        """The id of this answer's entry in the audit."""
        self._entry_id = entry_id

    async def _leaves(self, records: int) -> None:
        if self._entry_id is None:
            raise RuntimeError("a stream that is not in the audit sends nothing")
        if records:
            self._left += records
            await self._audit.set_answered(self._entry_id, self._left)
