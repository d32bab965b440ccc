"""The tables of the quality page as CSV, one row for each value. Pure."""

from collections.abc import Mapping, Sequence

from app.export.csv_text import END, cell
from app.web.pages.quality.rows import Row

HEADS = (
    "dimension",
    "value",
    "poor_streams",
    "rated_streams",
    "share",
    "share_low",
    "share_high",
    "poor_calls",
    "calls",
    "compared_with_all",
    "poor_streams_before",
    "rated_streams_before",
    "share_before",
    "change",
)


def text(tables: Mapping[str, Sequence[Row]]) -> str:
    """With a byte order mark, so that spreadsheets read it as UTF-8; shares are 0 to 1."""
    lines = [",".join(HEADS)]
    lines += [",".join(map(cell, _cells(dimension, row))) for dimension, shown in tables.items() for row in shown]
    return "\ufeff" + "".join(line + END for line in lines)


def _cells(dimension: str, row: Row) -> list[object]:
    counts, before, has_streams = row.counts, row.before, row.counts.judged > 0
    return [
        dimension,
        row.value,
        counts.poor,
        counts.judged,
        _share(counts.share),
        _share(row.likely.low) if has_streams else None,
        _share(row.likely.high) if has_streams else None,
        counts.poor_calls,
        counts.calls,
        row.verdict,
        before.poor,
        before.judged,
        _share(before.share),
        row.change,
    ]


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
