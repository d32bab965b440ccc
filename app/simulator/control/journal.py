"""The log of requests and counters of events, which tests read."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    time: str
    method: str
    path: str  # with its query
    status: int  # 0 if the connection was cut
    client_request_id: str | None
    authorization: bool


class Journal:
    def __init__(self) -> None:
        self.requests: deque[LoggedRequest] = deque(maxlen=LONGEST)
        self.routes: Counter[str] = Counter()
        self.record_gets: Counter[str] = Counter()  # per call id: requests of all its routes, failed ones too
        self.counts: Counter[str] = Counter()
        self.subscription_calls: list[dict[str, Any]] = []
        self.violations: list[dict[str, Any]] = []
        self.open = self.most_open = 0  # number of open requests

    def add(self, logged: LoggedRequest, route: str) -> None:
        self.requests.append(logged)
        self.routes[f"{logged.method} {route} {logged.status}"] += 1

    def count(self, name: str, by: int = 1) -> None:
        self.counts[name] += by

    def log(self, last: int | None = None) -> list[dict[str, Any]]:
        requests = list(self.requests)
        return [asdict(each) for each in (requests[-last:] if last else requests)]

    @contextmanager
    def open_request(self) -> Iterator[None]:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            yield
        finally:
            self.open -= 1

    def clear(self) -> None:
        self.most_open = self.open
        for each in (
            self.requests,
            self.routes,
            self.record_gets,
            self.counts,
            self.subscription_calls,
            self.violations,
        ):
            each.clear()
