"""The rows of the audit that say that a person was erased: when, and from how many calls; not whom."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.access import audit
from app.access.audit import Entry
from app.archive.erasure.requests.table import Request

WHO = "command line"


async def requested(db: AsyncConnection, now: datetime) -> None:
    await audit.write(db, [_entry(now, 202, None)])


async def finished(db: AsyncConnection, request: Request, now: datetime) -> None:
    await audit.write(db, [_entry(now, 200, request.changed_calls)])


def _entry(now: datetime, status: int, calls: int | None) -> Entry:
    return Entry(now, WHO, None, None, "ERASE", "callkeeper erase", None, (), status, calls)
