"""Named kinds of invented calls, for the control routes and the demo."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from app.simulator.records import a_call_record

KINDS: dict[str, dict[str, Any]] = {
    "peerToPeer": {},
    "video": {"video": True, "sharing": True},
    "groupCall": {"type": "groupCall", "participants": 3},
    "meeting": {"type": "groupCall", "participants": 400, "sessions": 430, "video": True, "poor_sessions": 7},
    "large_meeting": {"type": "groupCall", "participants": 2900, "sessions": 3000},
    "pstn": {"pstn": True},
    "poor": {"poor": True, "feedback": True},
    "failed": {"failed": True},
    "guests": {
        "type": "groupCall",
        "participants": 6,
        "guests": 2,
        "federated": 1,
        "acs_users": 1,
        "application_instances": 1,
    },
    "queue": {"type": "groupCall", "queue": True},
    "queue_missed": {"type": "groupCall", "queue": True, "answered": False},
    "queue_menu": {"type": "groupCall", "queue": True, "answered": False, "path": "menu", "duration": 14},
    "queue_abandoned": {"type": "groupCall", "queue": True, "answered": False, "path": "abandoned", "duration": 75},
    "queue_overflow": {"type": "groupCall", "queue": True, "answered": False, "path": "overflow", "duration": 60},
    "queue_timed_out": {"type": "groupCall", "queue": True, "answered": False, "path": "timed_out", "duration": 120},
    "second_queue": {"type": "groupCall", "queue": True, "path": "second_queue"},
    "queue_voicemail": {"type": "groupCall", "queue": True, "answered": False, "path": "voicemail", "duration": 150},
    "queue_forwarded": {"type": "groupCall", "queue": True, "answered": False, "path": "forwarded"},
    "masked_number": {"pstn": True, "sessions": 2, "masked_numbers": True, "bare_numbers": True},
    "only_in_sessions": {
        "type": "groupCall",
        "participants": 4,
        "guests": 1,
        "only_in_sessions": 1,
    },
    "identities": {
        "type": "groupCall",
        "participants": 6,
        "guests": 1,
        "pstn": True,
        "resource_accounts": 1,
        "none_names": True,
        "bare_numbers": True,
        "empty_user": True,
        "several_identities": True,
        "session_ids": "prefixed",
        "only_in_sessions": 1,
        "deprecated": True,
    },
    "unknown_times": {"unknown_end": "0001"},
    "float_integers": {"float_integers": True},
    "muted": {"muted": True},
    "no_sessions": {"type": "groupCall", "participants": 3, "no_sessions": True},
    "repeated_sessions": {"type": "groupCall", "participants": 4, "sessions": 6, "repeated_sessions": 2},
    "unknown_members": {"unknown_members": True, "extras": True},
    "old_beta": {"shape": "beta"},
}
MIXED = (
    "peerToPeer",
    "peerToPeer",
    "video",
    "groupCall",
    "pstn",
    "guests",
    "poor",
    "failed",
    "repeated_sessions",
    "queue",
    "queue_missed",
    "masked_number",
    "only_in_sessions",
    "identities",
    "unknown_times",
    "float_integers",
)


def calls(count: int, kind: str, recipe: dict[str, Any], rng: Random) -> Iterator[dict[str, Any]]:
    """ValueError for an unknown kind or an unknown option."""
    if kind != "mixed" and kind not in KINDS:
        raise ValueError(f"kind is one of mixed, {', '.join(KINDS)}")
    given = read_times(recipe, datetime.now(UTC))
    for number in range(count):
        preset = KINDS[MIXED[number % len(MIXED)] if kind == "mixed" else kind]
        try:
            yield a_call_record(**{"seed": rng.getrandbits(48), **preset, **given})
        except TypeError as error:
            raise ValueError(str(error)) from error


def read_times(recipe: dict[str, Any], now: datetime) -> dict[str, Any]:
    """`start` may be ISO 8601 text; `days_ago` sets the start relative to `now`."""
    given = dict(recipe)
    if isinstance(given.get("start"), str):
        given["start"] = datetime.fromisoformat(given["start"])
    if (days := given.pop("days_ago", None)) is not None:
        given["start"] = now - timedelta(days=days)
    return given
