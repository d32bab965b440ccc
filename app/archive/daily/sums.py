"""What calls add up to, for each hour, tenant, dimension and value. Pure."""

from collections.abc import Iterable, Iterator
from operator import add

import orjson

from app.archive.daily.contribution import ALL
from app.archive.parse.row import Row
from app.archive.schema.count_tables import MEASURES
from app.archive.schema.periods import day_of_hour

Change = tuple[str, int, int, str]
"""tenant_id, hour, sign, and what a call adds: see contribution"""

Key = tuple[str, str, int | str, str]
"""dimension, value, hour or day, tenant_id"""

Measures = tuple[int, ...]

NOTHING: Measures = (0,) * len(MEASURES)


class Sums:
    """Sums of contributions and of rows of counts."""

    def __init__(self) -> None:
        self._sums: dict[Key, Measures] = {}

    def add_calls(self, changes: Iterable[Change]) -> None:
        for tenant_id, hour, sign, counts in changes:
            self._add_call(tenant_id, hour, sign, counts)

    def add(self, key: Key, measures: Iterable[int], sign: int = 1) -> None:
        self._sums[key] = tuple(
            before + sign * value for before, value in zip(self._sums.get(key, NOTHING), measures, strict=True)
        )

    def add_all(self, other: "Sums") -> None:
        for key, measures in other.items():
            self.add(key, measures)

    def items(self) -> Iterator[tuple[Key, Measures]]:
        return iter(self._sums.items())

    def values(self) -> set[tuple[str, str]]:
        """Dimension and value of all"""
        return {(dimension, value) for dimension, value, _, _ in self._sums}

    def by_day(self) -> "Sums":
        """The same of days."""
        days = Sums()
        for (dimension, value, hour, tenant_id), measures in self._sums.items():
            assert isinstance(hour, int)
            days.add((dimension, value, day_of_hour(hour), tenant_id), measures)
        return days

    def without(self, other: "Sums") -> "Sums":
        """The difference; what is equal in both is left out."""
        difference, rest = Sums(), Sums()
        difference.add_all(self)
        for key, measures in other.items():
            difference.add(key, measures, -1)
        for key, measures in difference.items():
            if any(measures):
                rest.add(key, measures)
        return rest

    def rows(self) -> Iterator[Row]:
        """Rows of hour_counts or day_counts that are not zero, in one order everywhere."""
        return ((*key, *self._sums[key]) for key in sorted(self._sums, key=str) if any(self._sums[key]))

    def __len__(self) -> int:
        return len(self._sums)

    def _add_call(self, tenant_id: str, hour: int, sign: int, counts: str) -> None:
        """A call counts under each value that it has; one without any value counts under the empty value."""
        poor, failed, milliseconds, participants, streams, poor_streams, values, absent, found = orjson.loads(counts)
        numbers = (1, poor, failed, milliseconds, participants, streams, poor_streams)
        whole: Measures = tuple(sign * number for number in numbers)
        (of_all,) = found[ALL].values()
        of_call = (*(sign * number for number in of_all), *whole)
        for dimension, several in values.items():
            for value in several:
                self._put((dimension, value, hour, tenant_id), of_call)
        for dimension in absent:
            self._put((dimension, "", hour, tenant_id), (0, 0, 0, *whole))
        for dimension, several in found.items():
            without = "" in several and len(several) > 1
            for value, (all_, judged, poor_) in several.items():
                of_streams = (sign * all_, sign * judged, sign * poor_)
                counted = whole if value or not without else _NO_CALL
                self._put((dimension, value, hour, tenant_id), (*of_streams, *counted))

    def _put(self, key: Key, measures: Measures) -> None:
        before = self._sums.get(key)
        self._sums[key] = measures if before is None else tuple(map(add, before, measures))


_NO_CALL: Measures = (0,) * (len(MEASURES) - 3)
