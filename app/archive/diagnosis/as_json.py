"""A diagnosis as `/api` and the command line answer it. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.archive.diagnosis.connection import Connection
from app.archive.diagnosis.diagnose import Entry
from app.archive.diagnosis.measured import Measured
from app.archive.diagnosis.sentences import name

_CALL = ("id", "tenant_id", "version", "type", "start", "end", "quality", "quality_rules", "failed")


def as_json(call: Mapping[str, Any], entries: Iterable[Entry]) -> dict[str, Any]:
    """The call at a glance, with ``people``."""
    return {key: call[key] for key in _CALL} | {"people": [person(entry) for entry in entries]}


def person(entry: Entry) -> dict[str, Any]:
    made = entry.verdict
    findings = (made.cause, *made.also)
    return {
        "person": entry.person.identity,
        "name": name(entry.person),
        "happened": entry.happened,
        "cause": {"code": made.cause.cause.code, "text": made.cause.cause.text},
        "side": made.side,
        "confidence": made.confidence,
        "confidence_reasons": made.reasons,
        "measured": [
            *(_value(one.measured, "streams", one.kind) for one in entry.measured),
            *(_value(one, finding.owner) for finding in findings for one in finding.measured),
        ],
        "also": [{"code": one.cause.code, "text": one.cause.text, "end": one.owner} for one in made.also],
        "connection": _connection(entry.connection),
        "other_end": _other_end(entry),
        "other_people": {"rated": entry.others.rated, "good": entry.others.good},
        "failure": _failure(entry),
        "poor_streams": entry.poor_streams,
        "rated_streams": entry.rated_streams,
        "sessions": entry.sessions,
        "recommendation": entry.recommendation,
        "sentence": entry.sentence,
    }


def _value(one: Measured, of: str, media: str | None = None) -> dict[str, Any]:
    return {
        "name": one.quantity.name,
        "label": one.quantity.label,
        "of": of,
        "media": media,
        "value": one.value if isinstance(one.value, str) else round(one.value, 6),
        "unit": one.quantity.unit,
        "limit": one.limit,
        "limit_is_least": one.is_least,
        "text": one.text,
        "limit_text": one.limit_text,
    }


def _connection(found: Connection | None) -> dict[str, Any]:
    known = found or Connection(None)
    return {"type": known.type, "text": known.text or "unknown", "subnet": known.subnet}


def _other_end(entry: Entry) -> dict[str, Any] | None:
    if entry.other is None:
        return None
    return {
        "person": None if entry.other.is_service else entry.other.identity,
        "name": name(entry.other),
        "is_service": entry.other.is_service,
        "was_fine": entry.other_was_fine,
        "connection": None if entry.other.is_service else _connection(entry.other_connection),
    }


def _failure(entry: Entry) -> dict[str, Any] | None:
    failure = entry.failure
    if failure is None:
        return None
    return {
        "stage": failure.stage,
        "reason": failure.reason,
        "at": failure.at,
        "after_seconds": failure.after_seconds,
        "back_after_seconds": failure.back_after_seconds,
        "session": failure.session,
    }
