"""The calls of each call queue, from the archived call records and their way through voice apps."""

from typing import NamedTuple

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.queries.filters import Filters
from app.archive.schema.outcome_tables import voice_app_steps, voice_apps
from app.archive.schema.tables import call_records
from app.telephony.figures.queues import Ending, Queue

c, s, a = call_records.c, voice_app_steps.c, voice_apps.c

ANSWERED = "agent_answered"


class NamedQueue(NamedTuple):
    """``object_id``: of the resource account; ``name``: None where no record and no file names it."""

    object_id: str | None
    name: str | None
    calls: Queue


async def by_queue(db: AsyncConnection, filters: Filters) -> list[NamedQueue]:
    """Most offered calls first. A call that was in two queues counts in each."""
    name = func.max(func.coalesce(a.name, s.name))
    steps = voice_app_steps.join(call_records, c.key == s.call_key).outerjoin(
        voice_apps, (a.tenant_id == c.tenant_id) & (a.object_id == s.object_id)
    )
    wanted = (
        select(s.object_id, s.result, c.outcome, s.wait_seconds, func.count(), name)
        .select_from(steps)
        .where(s.kind == literal("call_queue"), *filters.conditions())
        .group_by(s.object_id, s.result, c.outcome, s.wait_seconds)
    )
    queues: dict[str | None, Queue] = {}
    names: dict[str | None, str] = {}
    for object_id, result, outcome, waited, number, called in await db.execute(wanted):
        queues.setdefault(object_id, Queue()).add_alike(_ending(result, outcome), waited, number)
        if called:
            names[object_id] = called
    found = [NamedQueue(object_id, names.get(object_id), queue) for object_id, queue in queues.items()]
    return sorted(found, key=lambda one: (-one.calls.offered, one.object_id or ""))


def _ending(result: str | None, outcome: str | None) -> Ending:
    """How the call left this queue; a queue before the last one only passed it on."""
    if result == ANSWERED:
        return Ending.answered
    return Ending(outcome) if outcome in set(Ending) - {Ending.answered} else Ending.other
