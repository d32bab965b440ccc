"""Call records that are generated from their number on request, so that a large tenant needs no memory."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.simulator.graph.odata import Filter
from app.simulator.graph.record_store import StoredRecord, pack
from app.simulator.records import a_call_record

ID = re.compile(r"([0-9a-f]{8})-6e4a-4000-8000-([0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class GeneratedRecords:
    """`count` calls that start at equal distances in the `days` before `until`; the same for the same seed."""

    tenant_id: str
    count: int
    days: float
    until: datetime
    seed: int = 0

    def start(self, number: int) -> datetime:
        return self.until - timedelta(days=self.days) * (1 - number / self.count)

    def id(self, number: int) -> str:
        return f"{number:08x}-6e4a-4000-8000-{self.seed:012x}"

    def number(self, call_id: str) -> int | None:
        found = ID.fullmatch(call_id.lower())
        if not found or int(found[2], 16) != self.seed or int(found[1], 16) >= self.count:
            return None
        return int(found[1], 16)

    def find(self, call_id: str, now: datetime, retention: timedelta) -> StoredRecord | None:
        number = self.number(call_id)
        if number is None or self.start(number) + retention <= now:
            return None
        return self.record(number)

    def records_after(
        self, after: int, wanted: Filter, now: datetime, retention: timedelta
    ) -> Iterator[tuple[int, StoredRecord]]:
        """The records, without sessions, that are readable now and may match the filter, each with its number."""
        oldest = max([now - retention, *(bound for how, bound in wanted.starts if how in ("ge", "gt"))])
        newest = min([self.until, *(bound for how, bound in wanted.starts if how in ("le", "lt"))])
        first, last = self.number_near(oldest) - 1, self.number_near(newest) + 1
        for number in range(max(first, after, 0), min(last + 1, self.count)):
            yield number, self.record(number, no_sessions=True)

    def number_near(self, moment: datetime) -> int:
        """The number of the record that starts at this moment, off by one at most because of rounding."""
        share = 1 - (self.until - moment) / timedelta(days=self.days)
        return round(share * self.count)

    def record(self, number: int, **more: Any) -> StoredRecord:
        start = self.start(number)
        document = a_call_record(
            id=self.id(number), seed=self.seed << 32 | number, start=start, duration=60 + number % 1800, **more
        )
        return pack(document, start)
