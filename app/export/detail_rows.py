"""The exported rows of calls that have no detail rows in the database, from their documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import reading
from app.archive.detail.wanted import Rows, every_column
from app.archive.schema.tables import call_records
from app.export.dataset import Dataset
from app.export.tables import CALL

c = call_records.c


@dataclass(frozen=True, slots=True)
class Parsed:
    """The detail of some calls, by the key of the call."""

    calls: dict[int, tuple[Any, ...]]
    """The columns CALL, then quality_rules."""
    rows: Rows

    def of_dataset(self, dataset: Dataset) -> dict[int, list[tuple[Any, ...]]]:
        """The rows as the dataset's own statement gives them."""
        found: dict[int, list[tuple[Any, ...]]] = {}
        for key, *values in self.rows[dataset.name]:
            *call, rules = self.calls[key]
            found.setdefault(key, []).append((*call, *values, *([rules] if c.quality_rules in dataset.columns else [])))
        return found


async def parsed(db: AsyncConnection, keys: Sequence[int], datasets: Sequence[Dataset]) -> Parsed:
    """Those of the calls with these keys that have no detail rows; none where no dataset needs them."""
    wanted = [every_column(one.detail) for one in datasets if one.detail is not None]
    missing = set(keys) - await reading.stored_keys(db, keys) if wanted else set()
    if not missing:
        return Parsed({}, {})
    calls = await db.execute(select(c.key, *CALL, c.quality_rules).where(c.key.in_(missing)))
    rows = await reading.of_calls(db, missing, wanted)
    return Parsed({key: tuple(call) for key, *call in calls}, rows)


async def rows(db: AsyncConnection, dataset: Dataset, keys: Sequence[int], known: Parsed) -> Sequence[Any]:
    """The dataset's rows of the calls with these keys, in their order."""
    if dataset.detail is None or not known.calls:
        return await _stored(db, dataset, keys)
    from_documents = known.of_dataset(dataset)
    found: list[Any] = []
    for is_parsed, run in _runs(keys, known):
        if is_parsed:
            found += (row for key in run for row in from_documents.get(key, ()))
        else:
            found += await _stored(db, dataset, run)
    return found


def _runs(keys: Sequence[int], known: Parsed) -> Iterator[tuple[bool, list[int]]]:
    return ((is_parsed, list(run)) for is_parsed, run in groupby(keys, lambda key: key in known.calls))


async def _stored(db: AsyncConnection, dataset: Dataset, keys: Sequence[int]) -> Sequence[Any]:
    return list(await db.execute(dataset.rows.where(dataset.source.key.in_(keys))))
