"""Faults on request: which requests fail, how, and how often."""

import asyncio
import itertools
import re
from dataclasses import asdict, dataclass, field, fields
from random import Random
from typing import Any, Literal, get_args

Kind = Literal[
    "status",
    "slow",
    "cut",
    "truncate",
    "not_json",
    "other_id",
    "foreign_link",
    "metadata_link",
    "loop_link",
    "version_change",
    "rewrite",
    "expired_token",
]


@dataclass(slots=True)
class Fault:
    fault: Kind
    match: dict[str, str] = field(default_factory=dict)  # path (regex, query included), method
    times: int | None = None  # unset: until cleared
    probability: float = 1.0
    status: int = 503
    retry_after: int | None = None  # seconds; unset: no header
    seconds: float = 1.0  # delay of a slow response
    host: str = "https://elsewhere.example"  # host of foreign links
    id: int = 0
    applied: int = 0

    def matches(self, method: str, path: str) -> bool:
        wanted = self.match.get("method", method)
        return wanted.upper() == method and re.search(self.match.get("path", ""), path) is not None


class Faults:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.numbers = itertools.count(1)
        self.active: list[Fault] = []
        self.cleared = asyncio.Event()
        """Set when the faults that were active are cleared: then slow answers are no longer delayed."""

    def add(self, description: dict[str, Any]) -> int:
        """Add a fault and return its id; ValueError for an invalid description."""
        fault = read_fault(description)
        fault.id = next(self.numbers)
        self.active.append(fault)
        return fault.id

    def clear(self) -> None:
        self.active.clear()
        self.cleared.set()
        self.cleared = asyncio.Event()

    def for_request(self, method: str, path: str) -> list[Fault]:
        """The faults for this request, oldest first; each use is counted."""
        applied = [fault for fault in self.active if self.applies(fault, method, path)]
        for fault in applied:
            fault.applied += 1
        self.active = [fault for fault in self.active if fault.times is None or fault.applied < fault.times]
        return applied

    def applies(self, fault: Fault, method: str, path: str) -> bool:
        return fault.matches(method, path) and (fault.probability >= 1 or self.rng.random() < fault.probability)

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.active]


def read_fault(description: dict[str, Any]) -> Fault:
    known = {each.name for each in fields(Fault)} - {"id", "applied"}
    if unknown := set(description) - known:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
    if description.get("fault") not in get_args(Kind):
        raise ValueError(f"fault is one of {', '.join(get_args(Kind))}")
    try:
        re.compile(description.get("match", {}).get("path", ""))
    except re.error as error:
        raise ValueError(f"the path is not a regular expression: {error}") from error
    return Fault(**description)
