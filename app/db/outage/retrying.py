"""Does a transaction again while the database is unavailable: a restart, a cut connection, a lock, a full disk."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.db.outage.causes import is_temporary

Result = TypeVar("Result")

PAUSES = (0.2, 0.5, 1.0, 2.0)  # seconds before each repetition; the last one repeats


async def retried(
    transaction: Callable[[], Awaitable[Result]],
    seconds_left: Callable[[], float],
    on_error: Callable[[Exception], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Result:
    """The transaction's result. Its last error is raised once ``seconds_left`` is over, and any other error at once.

    A transaction can be done twice: a connection may break after the commit and before its answer.
    """
    pauses = iter(PAUSES)
    pause = 0.0
    while True:
        try:
            return await transaction()
        except Exception as error:
            pause = next(pauses, PAUSES[-1])
            if not is_temporary(error) or seconds_left() <= pause:
                raise
            on_error(error)
        await sleep(pause)
