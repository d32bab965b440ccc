"""Everything that calls are matched with, by day: one building file is active on a day, as with CQD. Pure.

On a day that is within the period of several files, the one that was imported last is active.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from app.archive.sites import end_network
from app.archive.sites.addresses import Network
from app.archive.sites.end_network import Place, Reported
from app.archive.sites.files import address_lists
from app.archive.sites.matching import Matcher, Row

SOME = 32_768  # networks and pairs of networks that are remembered


class Period(NamedTuple):
    """``last`` is a part of it; None is without an end."""

    first: date | None = None
    last: date | None = None

    def contains(self, day: date) -> bool:
        return (self.first or date.min) <= day <= (self.last or date.max)

    def changes(self) -> Iterable[date]:
        """The days from which something else is valid."""
        if self.first:
            yield self.first
        if self.last and self.last < date.max:
            yield self.last + timedelta(days=1)


class Dated(NamedTuple):
    """A row with its own period within that of the file."""

    period: Period
    row: Row


class File(NamedTuple):
    period: Period
    rows: Sequence[Dated]


class Places:
    """Of one day: networks become places, and places become values of dimensions. Both are remembered."""

    def __init__(self, matcher: Matcher, names: Mapping[str, str]) -> None:
        self._matcher = matcher
        self._names = names
        self.place = lru_cache(SOME)(self._place)
        """``place(network)``: the texts of ``Reported``."""
        self.values = lru_cache(SOME)(end_network.values)

    def _place(self, network: tuple[str | None, ...]) -> Place:
        reported = Reported(*network)
        match = self._matcher.match(reported.ip_address, reported.subnet, reported.reflexive)
        return end_network.place(reported, match, self._name(reported.bssid))

    def _name(self, bssid: str | None) -> str | None:
        return self._names.get(address_lists.bssid(bssid) or "") if self._names else None


class SiteMap:
    """``site_map.at(day)`` finds the places of that day's calls; each day's index is made once."""

    def __init__(
        self,
        revision: int = 0,
        files: Sequence[File] = (),
        egress: Sequence[tuple[Network, str]] = (),
        access_points: Mapping[str, str] | None = None,
    ) -> None:
        """``files``: the one that was imported last first. ``access_points``: names by BSSID."""
        self.revision = revision
        self._files = files
        self._egress = egress
        self._names = dict(access_points or {})
        periods = [file.period for file in files] + [row.period for file in files for row in file.rows]
        self._changes = sorted({day for period in periods for day in period.changes()})
        self._days: dict[int, Places] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: the lists, without what was made of them."""
        return SiteMap, (self.revision, self._files, self._egress, self._names)

    def at(self, day: date) -> Places:
        number = bisect_right(self._changes, day)
        if number not in self._days:
            self._days[number] = Places(self.matcher(day), self._names)
        return self._days[number]

    def matcher(self, day: date) -> Matcher:
        return Matcher((row.row for row in self.rows(day)), self._egress)

    def rows(self, day: date) -> Iterable[Dated]:
        """Those of the file that is active on the day."""
        active = next((file for file in self._files if file.period.contains(day)), None)
        return [row for row in active.rows if row.period.contains(day)] if active else []


NOTHING = SiteMap()
