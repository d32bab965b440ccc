"""Fills a fresh database with invented calls, past everything that saving checks.

python -m bench.generate DATABASE_URL COUNT [WHOLE_EVERY]

With WHOLE_EVERY=10 only each tenth call has its sessions, segments, media, streams and document: what queries over
many calls read is then all there, in a tenth of the time.
"""

import asyncio
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from app.archive.daily import contribution
from app.archive.daily.sums import Sums
from app.archive.parse.identities.took_part import SeenIn
from app.archive.parse.record import ParsedRecord
from app.archive.schema.count_tables import call_counts, counted_values, day_counts, hour_counts
from app.archive.schema.microseconds import microseconds
from app.archive.schema.periods import hour_of
from app.archive.schema.tables import CHILDREN, call_people, call_records, documents, participants, people, segments
from app.db import Database
from bench import invented
from bench.bulk import Bulk, Row, bulk
from bench.invented import Call
from bench.processes import TENANT

BATCH = 2000  # calls in one transaction
PLACES = int(SeenIn.PARTICIPANTS_V2 | SeenIn.SEGMENTS)
BY_POSITION = [table for table in CHILDREN if table is not participants]


def fill(url: str, count: int, whole_every: int = 1, *, detail: bool = True) -> None:
    """Takes a database that is migrated and empty; without ``detail``, as DETAIL_ROWS=none leaves it."""
    everybody = invented.people(count)
    with bulk(url) as into:
        into.write(people, [invented.person_row(one) for one in everybody])
        ready = Ready(into, detail=detail)
        waiting: defaultdict[Table, list[Row]] = defaultdict(list)
        for call in invented.calls(count, everybody):
            for table, row in ready.rows(call, whole=call.key % whole_every == 0):
                waiting[table].append(row)
            if call.key % BATCH == 0:
                _write(into, waiting)
        _write(into, waiting)
        for table, rows in ready.counts.rows():
            into.write(table, rows)
        into.finish()


def _write(into: Bulk, waiting: dict[Table, list[Row]]) -> None:
    for table, rows in waiting.items():
        into.write(table, rows)
    waiting.clear()
    into.commit()


class Counted:
    """The counts of all calls. Those that are made of one record add the same, only to other hours."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._hours: dict[int, Counter[int]] = defaultdict(Counter)

    def of(self, call: Call) -> tuple[int, str]:
        """What call_counts has of the call beside its key."""
        name, hour = id(call.record), hour_of(call.start)
        if name not in self._texts:
            self._texts[name] = contribution.of(call.record.row, call.record.counts)[1]
        self._hours[hour][name] += 1
        return hour, self._texts[name]

    def rows(self) -> Iterator[tuple[Table, list[Row]]]:
        """Of hour_counts and day_counts, in the order of their columns."""
        days = Sums()
        keys: dict[tuple[str, str, str], int] = {}
        for hour, times in self._hours.items():
            sums = Sums()
            sums.add_calls((TENANT, hour, count, self._texts[name]) for name, count in times.items())
            days.add_all(sums.by_day())
            yield (
                hour_counts,
                [
                    (keys.setdefault((dimension, value, tenant_id), len(keys) + 1), hour, *measures)
                    for dimension, value, hour, tenant_id, *measures in sums.rows()
                ],
            )
        yield counted_values, [(key, *value) for value, key in keys.items()]
        yield (
            day_counts,
            [
                (dimension, day, tenant_id, value, *measures)
                for dimension, value, day, tenant_id, *measures in days.rows()
            ],
        )


class Ready:
    """A record's rows, made ready for the driver once and used again for every call that is made of it."""

    def __init__(self, into: Bulk, *, detail: bool = True) -> None:
        self._into = into
        self._detail = detail
        self._children: dict[int, list[tuple[Table, Row]]] = {}
        self.counts = Counted()

    def rows(self, call: Call, *, whole: bool) -> Iterator[tuple[Table, Row]]:
        record, at = call.record, microseconds(call.start)
        yield call_records, self._into.bound(call_records, self._own(call))
        yield call_counts, (call.key, *self.counts.of(call))
        for position, one in enumerate(call.people):
            yield call_people, (one.key, at, call.key, position == 0, "user", PLACES)
            if self._detail:
                yield participants, (call.key, position, one.id, "user", one.id, one.name, one.upn, TENANT, None)
        if not whole:
            return
        for table, row in self._below(record):
            yield table, (call.key, *(_of_people(row, call) if table is segments else row))
        document = (call.key, record.version, record.document, record.raw_bytes, record.stored_at)
        yield documents, self._into.bound(documents, document)

    def _own(self, call: Call) -> Row:
        host = call.people[0]
        length = call.record.row["end_date_time"] - call.record.row["start_date_time"]
        changed: dict[str, Any] = {
            "key": call.key,
            "has_detail": self._detail,
            "call_id": call.call_id,
            "start_date_time": call.start,
            "end_date_time": call.start + length,
            "ordered_at": call.start,
            "organizer_id": host.id,
            "organizer_identity_id": host.id,
            "organizer_identity_display_name": host.name,
            "organizer_identity_user_principal_name": host.upn,
        }
        own = call.record.row | changed
        return tuple(own.get(column.name) for column in call_records.columns)  # no lists of sites are imported

    def _below(self, record: ParsedRecord) -> list[tuple[Table, Row]]:
        known = self._children.get(id(record))
        if known is None:
            known = self._children[id(record)] = [
                (table, self._into.bound(table, (0, *row))[1:])
                for table in BY_POSITION
                if self._detail
                for row in record.children.get(table.name, ())
            ]
        return known


def _of_people(segment: Row, call: Call) -> Row:
    """With people of the call at those of its ends that have a person."""
    values = list(segment)
    for number, place in enumerate(_IDS, segment[0]):
        if values[place] is not None:
            values[place] = call.people[number % len(call.people)].id
    return tuple(values)


_IDS = [segments.columns.keys()[1:].index(f"{side}_identity_id") for side in ("caller", "callee")]


async def _migrated(url: str) -> None:
    from app.db.schema_version import migrate  # noqa: PLC0415 -- a bench that fills a database of its own has migrated it

    database = Database.open(url)
    await migrate(database)
    await database.close()


if __name__ == "__main__":
    begun = time.perf_counter()
    asyncio.run(_migrated(sys.argv[1]))
    fill(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:4]))
    print(f"{time.perf_counter() - begun:.0f} s")
