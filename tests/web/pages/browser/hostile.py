"""Names, devices and comments that try to break a page that shows them."""

from datetime import timedelta
from itertools import cycle

from app.simulator.records import a_call_record

TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</title></style></textarea><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}${alert(1)}",
    "\u202egnp.elpmaxe\u202e",
    "\U0001f648 \U00020bb7\u91ce\u5bb6 \ud55c\uad6d\uc5b4 \u05e9\u05dc\u05d5\u05dd",
    "W" * 300,
)
_KEPT = {"id", "tenantId", "type", "modalities", "streamDirection", "endpointType", "@odata.type", "rating", "label"}


def a_hostile_record(**recipe):
    """A call with a participant of each of these names, and the texts in every free-text property."""
    usual = {"seed": 5, "type": "groupCall", "participants": len(TEXTS), "feedback": True, "poor": True}
    record = a_call_record(**usual | {"video": True, "duration": timedelta(minutes=9)} | recipe)
    people = [_changed(one, cycle([text])) for one, text in zip(record["participants_v2"], TEXTS, strict=True)]
    sessions = [_changed(session, cycle(TEXTS)) for session in record["sessions"]]
    for session, text in zip(sessions, TEXTS, strict=True):
        session["caller"]["associatedIdentity"]["displayName"] = text
        session["caller"]["feedback"]["text"] = text
    sessions[0]["failureInfo"] = {"stage": TEXTS[0], "reason": TEXTS[1]}
    return record | {
        "type": TEXTS[0],
        "modalities": ["audio", *TEXTS],
        "organizer_v2": people[0],
        "participants_v2": people,
        "sessions": sessions,
    }


def _changed(value, texts, key=""):
    if isinstance(value, dict):
        return {name: _changed(inner, texts, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_changed(inner, texts, key) for inner in value]
    return next(texts) if isinstance(value, str) and _is_free(key, value) else value


def _is_free(key, value):
    """Whether it is free text; times, durations and ids stay valid, so that the call is stored."""
    return key not in _KEPT and not key.endswith(("DateTime", "Time", "Jitter")) and not value.startswith("PT")
