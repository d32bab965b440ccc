"""Graph's throttling limits. The busiest 20 seconds are recorded even while limits are not enforced."""

from collections import deque
from collections.abc import Callable
from http import HTTPStatus

from app.simulator.errors import GraphError

WINDOW_S = 20.0
MANY = 20_000  # number of windows above which idle windows are removed


class Throttle:
    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.windows: dict[str, deque[float]] = {}
        self.busiest: dict[str, tuple[int, str]] = {}  # kind -> most requests in a window, and the window's key
        self.throttled = 0

    def count(self, kind: str, key: str, limit: int | None, seconds: float = WINDOW_S) -> None:
        """Count one request, throttled or not; GraphError 429 above the limit in that many seconds."""
        now = self.monotonic()
        window = self.windows.setdefault(f"{kind} {key}", deque())
        window.append(now)
        while window[0] <= now - seconds:
            window.popleft()
        if len(window) > self.busiest.get(kind, (0, ""))[0]:
            self.busiest[kind] = (len(window), key)
        if len(self.windows) > MANY:
            self.forget_idle(now)
        if limit is not None and len(window) > limit:
            self.throttled += 1
            # When this request leaves the window, the window is one request below the limit.
            wait = window[len(window) - limit] + seconds - now
            raise too_many(kind, max(1, int(wait) + 1))

    def forget_idle(self, now: float) -> None:
        self.windows = {key: each for key, each in self.windows.items() if each[-1] > now - WINDOW_S}


class Storms:
    """Periods in which all List requests are answered 429, counted in requests so that tests are repeatable."""

    def __init__(self) -> None:
        self.requests = 0

    def count(self, every: int, length: int, retry_after: int) -> None:
        """Count one request; GraphError 429 for `length` requests after each `every` requests."""
        if every <= 0:
            return
        position = self.requests % (every + length)
        self.requests += 1
        if position >= every:
            raise too_many("list", retry_after)


def too_many(kind: str, wait: int) -> GraphError:
    text = f"Too many requests for this {kind}; try again in {wait} seconds."
    return GraphError(HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequests", text, retry_after=wait)
