"""Notes the calls that are saved, so that rows of the PSTN and Direct Routing logs are joined with them again.

Where the archive has no such rows, nothing is written.
"""

from collections.abc import Sequence
from functools import cache

import orjson
from sqlalchemy import Dialect, Insert, exists, insert, select

from app.archive.schema.call_log_tables import call_log_changed_calls, call_log_rows
from app.db import JsonRows, direct
from app.db.direct import Changing, Steps


def noting(dialect: Dialect, call_keys: Sequence[int]) -> Steps[None]:
    """The steps of the transaction that saves these calls."""
    statement = direct.compiled(_noting(dialect.name), dialect)
    yield Changing(statement, direct.bound(statement, {"rows": orjson.dumps([[key] for key in call_keys]).decode()}))


@cache
def _noting(dialect: str) -> Insert:
    given = JsonRows(dialect)
    key = given.column(0, call_log_changed_calls.c.call_key.type)
    keys = select(key).select_from(given.table).where(exists(select(call_log_rows.c.key)))
    return insert(call_log_changed_calls).from_select(["call_key"], keys)
