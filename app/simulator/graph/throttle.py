"""Graph's limits by its own numbers, and the busiest 20 seconds seen even while they are not enforced."""

from collections import deque
from collections.abc import Callable
from http import HTTPStatus

from app.simulator.errors import GraphError

WINDOW_S = 20.0
MANY = 20_000  # number of windows above which idle ones are dropped


class Throttle:
    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.windows: dict[str, deque[float]] = {}
        self.busiest: dict[str, tuple[int, str]] = {}  # kind -> most requests in a window, and whose
        self.throttled = 0

    def note(self, kind: str, key: str, limit: int | None) -> None:
        """Counts one request, throttled or not, and raises 429 when the limit is passed."""
        now = self.monotonic()
        window = self.windows.setdefault(f"{kind} {key}", deque())
        window.append(now)
        while window[0] <= now - WINDOW_S:
            window.popleft()
        if len(window) > self.busiest.get(kind, (0, ""))[0]:
            self.busiest[kind] = (len(window), key)
        if len(self.windows) > MANY:
            self.forget_idle(now)
        if limit is not None and len(window) > limit:
            self.throttled += 1
            # The request after which the window would hold one fewer than the limit.
            wait = window[len(window) - limit] + WINDOW_S - now
            raise too_many(kind, max(1, int(wait) + 1))

    def forget_idle(self, now: float) -> None:
        self.windows = {key: each for key, each in self.windows.items() if each[-1] > now - WINDOW_S}


class Storms:
    """Stretches of List requests that are all answered 429; counted in requests, so that tests repeat."""

    def __init__(self) -> None:
        self.asked = 0

    def note(self, every: int, length: int, retry_after: int) -> None:
        """Counts one request, and raises 429 in the `length` requests that follow each `every` of them."""
        if every <= 0:
            return
        place = self.asked % (every + length)
        self.asked += 1
        if place >= every:
            raise too_many("list", retry_after)


def too_many(kind: str, wait: int) -> GraphError:
    text = f"Too many requests for this {kind}; try again in {wait} seconds."
    return GraphError(HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequests", text, retry_after=wait)
