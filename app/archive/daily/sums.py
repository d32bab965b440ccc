"""What the calls of a day add up to, for each tenant, dimension and value. Pure."""

from collections.abc import Iterable, Iterator

import orjson

from app.archive.parse.row import Row
from app.archive.schema.dimensions import DIMENSIONS

ALL = "all"
"""The dimension that has one value, which every call and every stream has."""

Call = tuple[str, str, str]
"""tenant_id, quality, and what the call adds to the daily counts, as ``call_dimensions`` wrote it"""


class Day:
    """The sums of one day."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], dict[str, list[int]]] = {}

    def add(self, calls: Iterable[Call]) -> None:
        for tenant_id, quality, written in calls:
            counts = orjson.loads(written)
            poor = int(quality == "poor")
            for dimension in (ALL, *DIMENSIONS):
                self._add(self._sums.setdefault((dimension, tenant_id), {}), counts.get(dimension, {}), poor)

    def rows(self, day: str) -> Iterator[Row]:
        """Rows of day_tallies, each dimension's most frequent values first."""
        for (dimension, tenant_id), found in self._sums.items():
            ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
            for position, (value, sums) in enumerate(ranked):
                yield (dimension, day, tenant_id, position, value, *sums)

    @staticmethod
    def _add(sums: dict[str, list[int]], counts: dict[str, list[int]], poor: int) -> None:
        """A call counts under each value that it has; one without any value counts under the empty value."""
        without = "" in counts and len(counts) > 1
        for value, (streams, judged, of_them_poor) in (counts or {"": [0, 0, 0]}).items():
            sum_ = sums.setdefault(value, [0, 0, 0, 0, 0])
            sum_[0] += streams
            sum_[1] += judged
            sum_[2] += of_them_poor
            if value or not without:
                sum_[3] += 1
                sum_[4] += poor
