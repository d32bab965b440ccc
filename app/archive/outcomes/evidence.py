"""What Microsoft's PSTN and Direct Routing logs say of a call: the rows that are joined with it. Pure.

https://learn.microsoft.com/graph/api/resources/callrecords-pstncalllogrow
https://learn.microsoft.com/graph/api/resources/callrecords-directroutinglogrow
"""

from dataclasses import dataclass
from datetime import datetime
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
