"""What Microsoft's PSTN and Direct Routing logs say of a call: the rows that are joined with it. Pure.

https://learn.microsoft.com/graph/api/resources/callrecords-pstncalllogrow
https://learn.microsoft.com/graph/api/resources/callrecords-directroutinglogrow
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from app.archive.parse.call_logs import call_types
from app.archive.parse.call_logs.call_types import CallType


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

    @property
    def said(self) -> CallType:
        """What its callType says."""
        return call_types.meaning(self.call_type)


def digest(rows: Sequence[LogEvidence]) -> str | None:
    """Equal for rows that say the same; None of no row."""
    if not rows:
        return None
    return sha256(repr(sorted(repr(astuple(row)) for row in rows)).encode()).hexdigest()[:32]
