"""What the simulated Graph was asked and what it did, for tests to look at afterwards."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    time: str
    method: str
    path: str  # with its query
    status: int  # 0 where the connection was cut
    client_request_id: str | None
    authorization: bool


class Journal:
    def __init__(self) -> None:
        self.requests: deque[Asked] = deque(maxlen=LONGEST)
        self.routes: Counter[str] = Counter()
        self.record_gets: Counter[str] = Counter()  # per call id, every route below it, failed ones too
        self.counts: Counter[str] = Counter()
        self.subscription_calls: list[dict[str, Any]] = []
        self.violations: list[dict[str, Any]] = []
        self.open = self.most_open = 0  # requests under way at once

    def ask(self, asked: Asked, route: str) -> None:
        self.requests.append(asked)
        self.routes[f"{asked.method} {route} {asked.status}"] += 1

    def count(self, name: str, by: int = 1) -> None:
        self.counts[name] += by

    def log(self, last: int | None = None) -> list[dict[str, Any]]:
        asked = list(self.requests)
        return [asdict(each) for each in (asked[-last:] if last else asked)]

    @contextmanager
    def one_more_open(self) -> Iterator[None]:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            yield
        finally:
            self.open -= 1

    def clear(self) -> None:
        self.most_open = self.open
        for kept in (
            self.requests,
            self.routes,
            self.record_gets,
            self.counts,
            self.subscription_calls,
            self.violations,
        ):
            kept.clear()
