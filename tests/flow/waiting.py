"""Waiting for a condition, never for a second."""

import inspect
from time import monotonic

import anyio

PATIENCE = 30.0  # seconds that nothing here takes unless it is broken
LOOK = 0.02


async def until(condition, *, seconds=PATIENCE, told=lambda: ""):
    """What the condition came to, once that is true; AssertionError with what is told when time is up."""
    end = monotonic() + seconds
    while True:
        found = condition()
        found = await found if inspect.isawaitable(found) else found
        if found:
            return found
        assert monotonic() < end, f"not within {seconds} s: {inspect.getsource(condition).strip()} {told()}"
        await anyio.sleep(LOOK)
