"""Whether a call has a value of a dimension, as a condition on the lists in its own row: see call_dimensions."""

import orjson
from sqlalchemy import ColumnElement, and_, or_

from app.archive.schema.dimensions import DIMENSIONS, LONGEST
from app.archive.schema.tables import call_records
from app.db import contains_text

c = call_records.c


def has_value(dimension: str, value: str) -> ColumnElement[bool]:
    """Calls that have the value, exactly; with an empty one those that have none in this dimension."""
    lists = [c[name] for name in DIMENSIONS[dimension]]
    if not value:
        return and_(*(values.is_(None) for values in lists))
    # A quote within a value is written \", so that only a value's own begins after [ or a comma.
    text = orjson.dumps(value[:LONGEST]).decode()
    return or_(*(contains_text(values, begin + text) for values in lists for begin in "[,"))
