"""One call with all its rows as JSON text, piece by piece: the rows of a large meeting are never in memory together."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import reading
from app.archive.queries import nested_rows, stored_calls

AT_ONCE = 100  # sessions


async def pieces(db: AsyncConnection, call_key: int, head: dict[str, Any]) -> AsyncIterator[bytes]:
    """The text of what ``stored_calls.call`` returns; ``head`` is of ``stored_calls.head``."""
    detail = await reading.of_call(db, call_key)
    yield orjson.dumps(await stored_calls.with_people(detail, head))[:-1] + b',"sessions":['
    separator = b""
    for first in range(0, await detail.end(), AT_ONCE):
        found = await nested_rows.sessions(detail, first, first + AT_ONCE - 1)
        if found:
            yield separator + orjson.dumps(found)[1:-1]
            separator = b","
    yield b"]}"
