"""The rows of the PSTN and Direct Routing logs that belong to a call, as the page shows them. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from app.archive.schema.call_log_types import PSTN
from app.archive.schema.microseconds import moment
from app.web.pages.shared import formatting

_LOGS = {PSTN: "PSTN", "direct_routing": "Direct Routing"}


def shown(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row with its texts; ``is_likely`` marks a join by number, user and time."""
    return [
        {
            "log": _LOGS.get(row["kind"], row["kind"]),
            "start": None if row["start_at"] is None else moment(row["start_at"]),
            "call_type": row["call_type"],
            "caller": row["caller_number"],
            "callee": row["callee_number"],
            "talk_seconds": row["talk_seconds"],
            "trunk": row["trunk"] or row["operator"],
            "result": _result(row),
            "charge": _charge(row),
            "is_likely": row["join_method"] == "heuristic",
        }
        for row in rows
    ]


def _result(row: dict[str, Any]) -> str | None:
    """How the leg ended, with the code of SIP and Microsoft's own code where the log has them."""
    established = {True: "established", False: "not established"}.get(row["successful_call"])
    code = row["final_sip_code"]
    sip = " ".join(str(part) for part in (code or None, row["final_sip_code_phrase"]) if part)
    reason = f"({row['call_end_sub_reason']})" if row["call_end_sub_reason"] else None
    ended = " ".join(part for part in (sip, reason) if part)
    return ", ".join(part for part in (established, ended) if part) or None


def _charge(row: dict[str, Any]) -> str | None:
    """Both charges together, exactly, with the currency."""
    known = [row[name] for name in ("charge", "connection_charge") if row[name] is not None]
    if not known:
        return None
    total = sum(known, Decimal())
    return f"{formatting.amount(total)} {row['currency'] or ''}".strip()
