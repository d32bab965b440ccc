"""The words of outcomes: the values that are stored, and what an outcome is. Pure."""

from datetime import timedelta
from typing import Literal, NamedTuple, get_args

Name = Literal[
    "answered",
    "not_answered",
    "busy",
    "declined",
    "cancelled",
    "failed",
    "voicemail",
    "forwarded",
    "abandoned",
    "overflowed",
    "timed_out",
    "no_agent",
    "unknown",
]
OUTCOMES: tuple[Name, ...] = get_args(Name)

Basis = Literal[
    "agent_session",  # a session of an agent, longer than zero
    "agents_only_rang",  # sessions of agents, all of length zero
    "ended_in_queue",  # the call ended in a queue that offered it to no agent
    "number_after_queue",  # a telephone was called after the queue
    "left_queue_at_once",  # the queue passed the call on within seconds
    "left_queue_later",
    "hung_up_in_menu",  # a failure on the caller's session with the auto attendant
    "ended_in_menu",
    "failure_reason",  # a word of Microsoft's in failureInfo
    "direct_routing_log",
    "pstn_log",
    "dial_in",  # a telephone in a meeting
    "voicemail_role",  # a service of voicemail in the record
    "media",  # packets were sent
    "no_media",
    "meeting",
    "nothing",
]
Confidence = Literal["high", "medium", "low"]
Direction = Literal["inbound", "outbound", "internal"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

SETTLED_AFTER = timedelta(hours=4)  # without a change, by observation of queue calls: later versions add the agent


class Verdict(NamedTuple):
    """How the call ended, what says so, and how certain that is."""

    outcome: Name
    basis: Basis
    confidence: Confidence
    is_final: bool = False
    """Whether a later version cannot be expected to say more: who answered is known."""


UNKNOWN = Verdict("unknown", "nothing", "low")
