"""What Microsoft's PSTN and Direct Routing logs say of a call: the rows that are joined with it. Pure.

https://learn.microsoft.com/graph/api/resources/callrecords-pstncalllogrow
https://learn.microsoft.com/graph/api/resources/callrecords-directroutinglogrow
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
LONGEST = 64  # characters of a call type that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvidence:
    """One row."""

    kind: Literal["pstn", "direct_routing"]
    call_type: str | None = None
    success: bool | None = None  # successfulCall, of Direct Routing
    final_sip_code: int | None = None
    sub_reason: int | None = None  # callEndSubReason
    duration: float | None = None  # seconds; of PSTN: connected
    start: datetime | None = None
    is_certain: bool = True  # joined by id; not by number and time


class CallType(NamedTuple):
    """What a callType says, whatever its spelling: ``ByotInUcap``, ``dr_in_bot``, ``oc_ucap_in``."""

    direction: Literal["inbound", "outbound"] | None
    is_voice_app: bool
    is_conference: bool
    is_forwarding: bool
    is_transfer: bool


@lru_cache(maxsize=256)
def read(call_type: str | None) -> CallType:
    """The first of the words in and out is the direction; without one it is not known."""
    words = [word.lower() for word in _WORD.findall((call_type or "")[:LONGEST])]
    way = next((word for word in words if word in ("in", "out")), None)
    return CallType(
        {"in": "inbound", "out": "outbound", None: None}[way],
        not {"ucap", "bot"}.isdisjoint(words),
        "conf" in words and "user" not in words,  # user_out_conf: a user called several numbers
        "forwarding" in words,
        "transfer" in words,
    )
