"""What is exported by day: calls, and the rows of each of Microsoft's two logs of telephone calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, func, literal, true

from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.call_log_types import KINDS
from app.archive.schema.microseconds import EPOCH, MICROSECOND, microseconds
from app.archive.schema.tables import call_records
from app.db import day_of

c, r = call_records.c, call_log_rows.c

LAST = timedelta(days=1) - MICROSECOND  # of a day; there is no day after 9999-12-31
_FIRST = microseconds(datetime.min.replace(tzinfo=EPOCH.tzinfo))
_DAY = timedelta(days=1) // MICROSECOND


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one table that begin on a day and are stored at a moment. Statements on it need ``where``."""

    table: Table
    where: ColumnElement[bool]
    day: ColumnElement[Any]
    named: Callable[[Any], str]
    """A value of ``day`` as 2026-01-31."""
    moment: Callable[[datetime], Any]
    """A moment as ``ordered_at`` has it."""
    stored_at: ColumnElement[datetime]
    revision: ColumnElement[int]
    """Another sum, once anything of the rows was changed."""
    streams: ColumnElement[int]

    @property
    def key(self) -> ColumnElement[int]:
        return self.table.c.key

    def begun_on(self, day: str) -> ColumnElement[bool]:
        begin = datetime.fromisoformat(f"{day}T00:00:00+00:00")
        at = self.table.c.ordered_at
        return and_(self.where, at >= self.moment(begin), at <= self.moment(begin + LAST))

    def of_tenant(self, tenant: str | None) -> ColumnElement[bool]:
        return and_(self.where, self.table.c.tenant_id == tenant) if tenant else self.where


CALLS = Source(call_records, true(), day_of(c.ordered_at), str, lambda at: at, c.stored_at, c.revision, c.stream_count)


def _log(kind: str) -> Source:
    weight = r.key % 997 + 1  # so that two rows whose calls change places make another sum
    joined = func.coalesce(r.call_key, 0) * 2 + case((r.join_method == "id", 1), else_=0)
    return Source(
        call_log_rows,
        r.kind == kind,
        (r.ordered_at - _FIRST) // _DAY,
        lambda day: date.fromordinal(day + 1).isoformat(),
        microseconds,
        r.changed_at,
        r.revision + joined * weight,
        literal(0),
    )


LOGS = {kind: _log(kind) for kind in KINDS}
