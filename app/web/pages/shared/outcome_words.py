"""Outcomes in words, for pages: pure."""

from app.web.pages.shared.formatting import count

OUTCOMES: dict[str, str] = {
    "answered": "answered",
    "not_answered": "not answered",
    "busy": "busy",
    "declined": "declined",
    "cancelled": "cancelled by the caller",
    "failed": "not connected",
    "voicemail": "voicemail",
    "forwarded": "forwarded",
    "abandoned": "abandoned by the caller",
    "overflowed": "overflowed",
    "timed_out": "timed out in the queue",
    "no_agent": "no agent available",
    "unknown": "unknown",
}
DIRECTIONS: dict[str, str] = {"inbound": "inbound", "outbound": "outbound", "internal": "internal"}

_BASES: dict[str, str] = {
    "agent_session": "an agent has a session that is longer than zero",
    "agents_only_rang": "agents were offered the call, and no session of theirs is longer than zero",
    "ended_in_queue": "the call ended in a queue that offered it to no agent",
    "number_after_queue": "another telephone was called after the queue",
    "left_queue_at_once": "the queue passed the call on at once",
    "left_queue_later": "the queue passed the call on after a while",
    "hung_up_in_menu": "the session with the auto attendant has a failure",
    "ended_in_menu": "the call ended with an auto attendant",
    "failure_reason": "the record names the result in a failure",
    "direct_routing_log": "Direct Routing log",
    "pstn_log": "PSTN log",
    "dial_in": "a telephone was in the meeting",
    "voicemail_role": "a voicemail service is in the record",
    "media": "packets were sent",
    "no_media": "no media was sent",
    "meeting": "meetings are not answered",
    "nothing": "the record does not say it",
}
_KINDS = {
    "auto_attendant": "Auto attendant",
    "call_queue": "queue",
    "agent": "answered by",
    "voicemail": "voicemail",
    "number": "number",
}
_RESULTS = {
    "user_terminated": "the caller hung up",
}


def outcome(value: str | None) -> str:
    """Empty where the call is still to be judged after an upgrade."""
    return OUTCOMES.get(value or "", value or "")


def basis(value: str | None) -> str:
    return _BASES.get(value or "", value or "")


def offered(agents: int) -> str:
    """``3 agents offered``."""
    return f"{count(agents, 'agent')} offered" if agents else "no agent offered"


def step(kind: str) -> str:
    """What stands before the name of a step."""
    return _KINDS.get(kind, kind)


def result(value: str | None) -> str:
    """Empty where the next step says it."""
    return _RESULTS.get(value or "", "")
