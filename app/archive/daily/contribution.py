"""What one call adds to the counts of the hour in which it began: from its own row, as JSON. Pure.

The text says all that is added, each dimension by name. So exactly the same is subtracted later, also by a program that
has other dimensions: ``[poor, failed, milliseconds, participants, streams, poor streams, values of the complete call by
dimension, dimensions without a value, streams by dimension and value]``.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from app.archive.parse.convert import text
from app.archive.schema.dimensions import CALL_DIMENSIONS, DIMENSIONS, LONGEST
from app.archive.schema.periods import hour_of

ALL = "all"
"""The dimension that has one value, the empty one, which every call and every stream has."""

_LISTS = {"modalities", "audio_codecs"}  # of CALL_DIMENSIONS


def of(row: Mapping[str, Any], counts: str) -> tuple[int, str]:
    """The hour, and what is added; ``row`` has the columns of call_records, ``counts`` is that of call_dimensions."""
    seen, known = row["participants_seen"], orjson.loads(counts)
    numbers = (
        int(row["quality"] == "poor"),
        int(row["failed"]),
        round(1000 * (row["duration_seconds"] or 0)),
        row["participant_count"] if seen is None else seen,
        row["stream_count"],
        row["poor_stream_count"],
    )
    values = {dimension: _values(row[column], column) for dimension, column in CALL_DIMENSIONS.items()}
    absent = [dimension for dimension in DIMENSIONS if dimension not in known]
    rest = orjson.dumps([values, absent]).decode()[1:-1]
    return hour_of(row["ordered_at"]), f"[{','.join(map(str, numbers))},{rest},{counts}]"


def _values(value: Any, column: str) -> list[str]:
    """The values of a column, the empty one where there is none."""
    if value is None:
        return [""]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if column not in _LISTS:
        return [value[:LONGEST]]
    found = orjson.loads(value)
    known = {text(one) for one in found if isinstance(one, str)} if isinstance(found, list) else set()
    return sorted(one[:LONGEST] for one in known if one is not None) or [""]
