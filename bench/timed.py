"""How long something takes: p50 and p95 in milliseconds, warm."""

import time
from collections.abc import Awaitable, Callable
from statistics import median, quantiles

TIMES = 60  # each a little different
_WARMING = 5


async def timed(once: Callable[[int], Awaitable[None]]) -> tuple[float, float]:
    times = []
    for number in range(TIMES + _WARMING):
        begun = time.perf_counter()
        await once(number)
        times.append((time.perf_counter() - begun) * 1000)
    return median(times[_WARMING:]), quantiles(times[_WARMING:], n=20)[-1]
