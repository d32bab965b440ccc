"""Rows of a building file whose networks overlap: CQD refuses them, because the building would be a matter of chance.

Pure. Networks either contain each other or are apart, so that a sorted walk with a stack finds all pairs.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Protocol

from app.archive.sites.addresses import Network


class Row(Protocol):
    """What is compared of a row."""

    @property
    def line(self) -> int: ...
    @property
    def network(self) -> Network: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


def problems(rows: Sequence[Row], *, allow_overlap: bool) -> Iterator[str]:
    """A line for each overlapping pair of one validity; with ``allow_overlap`` only for equal networks.

    Where overlaps are allowed the longest prefix decides, and two equal networks have none.
    """
    for outer, inner in _pairs(rows):
        if inner.network == outer.network:
            yield f"line {inner.line}: {inner.network} is already in line {outer.line}"
        elif not allow_overlap:
            yield (
                f"line {inner.line}: {inner.network} overlaps {outer.network} in line {outer.line};"
                " with --allow-overlap the longest prefix decides"
            )


def _pairs(rows: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
    """Each row with the rows around it whose validity has a day in common."""
    ordered = sorted(
        rows, key=lambda row: (row.network.version, row.network.network_address.packed, row.network.prefixlen, row.line)
    )
    around: list[Row] = []
    for row in ordered:
        while around and not _contains(around[-1].network, row.network):
            around.pop()
        yield from ((outer, row) for outer in around if _have_a_common_day(outer, row))
        around.append(row)


def _contains(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and inner.network_address in outer and inner.prefixlen >= outer.prefixlen


def _have_a_common_day(one: Row, other: Row) -> bool:
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_to or date.max, other.valid_to or date.max)
