"""A call's way through voice apps as it is stored, with the names that are known of resource accounts now."""

from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.outcome_tables import voice_app_steps, voice_apps
from app.archive.schema.tables import call_records

s, a, c = voice_app_steps.c, voice_apps.c, call_records.c

_COLUMNS = (
    s.kind,
    s.object_id,
    func.coalesce(a.name, s.name).label("name"),
    s.start_date_time.label("start"),
    s.end_date_time.label("end"),
    s.result,
    s.agents_offered,
    s.wait_seconds,
)


async def of_call(db: AsyncConnection, call_key: int) -> list[dict[str, Any]]:
    """In their order; none where no voice app took part."""
    same = and_(a.tenant_id == c.tenant_id, a.object_id == s.object_id)
    joined = voice_app_steps.join(call_records, c.key == s.call_key).outerjoin(voice_apps, same)
    wanted = select(*_COLUMNS).select_from(joined).where(s.call_key == call_key).order_by(s.position)
    # Names as plain texts: SQLAlchemy's are a kind of their own, which orjson refuses.
    return [{str(name): value for name, value in row.items()} for row in (await db.execute(wanted)).mappings()]
