"""Which events stored records are, for webhooks."""

from typing import Any

from sqlalchemy import Dialect

from app.archive.parse.record import ParsedRecord
from app.archive.store.record_store import Begun
from app.db.direct import Steps
from app.outbox import writing
from app.outbox.event import CALL_ARCHIVED, CALL_POOR, CALL_UPDATED, Event, call_event
from app.outbox.listeners import Listeners

_VERDICTS = ("version", "complete", "quality", "failed", "failed_stage", "outcome", "outcome_confidence", "pstn")


def writing_of(dialect: Dialect, known: Listeners, begun: Begun) -> Steps[None]:
    """Steps of the transaction that stores the records. Without a webhook for events of calls there are none."""
    if not any(known.to(kind) for kind in (CALL_ARCHIVED, CALL_UPDATED, CALL_POOR)):
        return
    replaced = frozenset(begun.replaced)
    events: list[Event] = []
    for key, record in begun.current:
        events.append(_event(CALL_UPDATED if key in replaced else CALL_ARCHIVED, record))
        if record.row["quality"] == "poor" and not (
            key in replaced and (yield from writing.reported(dialect, known, CALL_POOR, record.call_id))
        ):
            events.append(_event(CALL_POOR, record))
    if events:
        yield from writing.adding(dialect, known, events, begun.current[0][1].stored_at)


def _event(kind: str, record: ParsedRecord) -> Event:
    row: dict[str, Any] = record.row
    times = {"start": record.start, "end": record.end}
    verdicts = {name: row.get(name) for name in _VERDICTS}
    return call_event(kind, record.tenant_id, record.call_id, **times, **verdicts)
