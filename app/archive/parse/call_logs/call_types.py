"""What a log row's callType says: direction, voice app, audio conferencing. Pure, and never a guess.

The set of values is open. Graph writes ``user_in``, ``oc_ucap_in`` and ``ByotOutUserForwarding``; the admin center
shows the same calls as ``dr_out_user_forwarding``.
https://learn.microsoft.com/microsoftteams/teams-analytics-and-reports/pstn-usage-report
"""

import re
from functools import lru_cache
from typing import NamedTuple

from app.archive.schema.graph_types import snake

INBOUND, OUTBOUND, UNKNOWN = "inbound", "outbound", "unknown"

_LONGEST = 64  # characters; Graph documents 32
_PREFIX = re.compile(r"byot_?|dr_|oc_")
_KNOWN = "unassigned|emergency|forwarding|transfer|conf|ucap|user|bot|out|in"
_RUN_TOGETHER = re.compile(f"(?:{_KNOWN})+")  # byotinucap, where a program wrote it without capitals
_WORD = re.compile(_KNOWN)
_DIRECTIONS = {"in": INBOUND, "out": OUTBOUND}


class CallType(NamedTuple):
    direction: str
    is_voice_app: bool
    is_conference: bool
    is_forwarding: bool
    is_transfer: bool


def meaning(call_type: str | None) -> CallType:
    """Of any value that Graph may give."""
    return _meaning((call_type or "")[:_LONGEST])


@lru_cache(maxsize=256)
def _meaning(call_type: str) -> CallType:
    text = snake(call_type.strip())
    words = [word for part in re.split(r"[^a-z]+", _without_prefix(text)) for word in _words(part)]
    direction = next((_DIRECTIONS[word] for word in words if word in _DIRECTIONS), UNKNOWN)
    is_voice_app = bool({"ucap", "bot"} & set(words))
    return CallType(direction, is_voice_app, words[:1] == ["conf"], "forwarding" in words, "transfer" in words)


def _words(part: str) -> list[str]:
    return _WORD.findall(part) if _RUN_TOGETHER.fullmatch(part) else [part]


def _without_prefix(text: str) -> str:
    found = _PREFIX.match(text)
    return text[found.end() :] if found else text
