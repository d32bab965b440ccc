"""A measured figure beside what it is to reach."""

import os
import platform
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import ge, le


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    measured: float
    relation: str
    reach: float | None
    absolute: str = ""

    @property
    def reached(self) -> bool:
        return self.reach is None or {">=": ge, "<=": le}[self.relation](self.measured, self.reach)

    def __str__(self) -> str:
        wanted = "" if self.reach is None else f"{self.relation.replace('>=', '≥').replace('<=', '≤')} {self.reach:g}"
        verdict = "" if self.reach is None else ("reached" if self.reached else "NOT reached")
        return f"| {self.what} | {_short(self.measured)} | {wanted} | {verdict} | {self.absolute} |"


def render(rows: list[Row]) -> str:
    head = [
        "# Results of `make bench`",
        "",
        "Ratios were measured within one run; absolute figures say little about another machine.",
        "",
        _machine(),
        "",
        "| work | measured | reach | | absolute |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(str(row) for row in rows)]) + "\n"


def _machine() -> str:
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    machine = f"{os.cpu_count()} cores, {_memory_gb():.0f} GB, {platform.system()} {platform.machine()}"
    return f"{datetime.now(UTC):%Y-%m-%d}: {machine}, {versions}."


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
