"""A measured figure beside its target and its baseline; the table of bench/RESULTS.md, written and read again."""

import os
import platform
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import ge, le
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
NOISE = 0.1  # a smaller difference to the stored figure is not worth a line

_NUMBER = re.compile(r"[\d,]+(?:\.\d+)?")
_TABLE = ["| work | measured | target | | absolute | baseline |", "|---|---|---|---|---|---|"]


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    measured: float
    relation: str
    reach: float | None
    absolute: str = ""
    baseline: str = ""
    """Of a ratio: what the figure is divided by, in a sentence."""

    @property
    def reached(self) -> bool:
        return self.reach is None or {">=": ge, "<=": le}[self.relation](self.measured, self.reach)

    def __str__(self) -> str:
        wanted = "" if self.reach is None else f"{self.relation.replace('>=', '≥').replace('<=', '≤')} {self.reach:g}"
        verdict = "" if self.reach is None else ("reached" if self.reached else "NOT reached")
        return f"| {self.what} | {_short(self.measured)} | {wanted} | {verdict} | {self.absolute} | {self.baseline} |"


def render(rows: list[str], stored: str) -> str:
    """The file with these lines in its table; what was written by hand, from its first heading on, stays."""
    head = [
        "# Results of `make bench`",
        "",
        "Each ratio was measured within one run against the baseline beside it. Absolute figures say little about",
        "another machine.",
        "",
        _machine(),
        "",
    ]
    _, heading, by_hand = stored.partition("\n## ")
    return "\n".join([*head, *_TABLE, *rows]) + "\n" + heading + by_hand


def lines(stored: str) -> dict[str, str]:
    """The stored lines of the table, by the work that they are about."""
    table = [line for line in stored.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    return {line.split(" | ")[0].removeprefix("| "): line for line in table[1:]}


def change(row: Row, stored: str | None) -> str:
    """The difference to the stored line in words; empty where there is none worth a line."""
    if stored is None:
        return "new"
    before = _NUMBER.search(stored.split(" | ")[1])
    if before is None:
        return ""
    figure = float(before[0].replace(",", ""))
    if abs(row.measured - figure) <= NOISE * max(abs(figure), 1e-9):
        return ""
    return f"was {before[0]}"


def _machine() -> str:
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    machine = f"{os.cpu_count()} cores, {_memory_gb():.0f} GB, {platform.system()} {platform.machine()}"
    return f"{datetime.now(UTC):%Y-%m-%d}: {machine}, {versions}."


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
