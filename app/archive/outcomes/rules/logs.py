"""By the rows of the PSTN and Direct Routing logs."""

from collections.abc import Callable

from app.archive.outcomes import sip_codes
from app.archive.outcomes.evidence import LogEvidence
from app.archive.outcomes.rules.case import Case, at_most
from app.archive.outcomes.words import Basis, Verdict
from app.archive.parse.call_logs.call_types import CallType


def forwarded(case: Case) -> Verdict | None:
    row = _first(case, lambda said: said.is_forwarding)
    return Verdict("forwarded", _basis(row), at_most("high", row)) if row else None


def transferred(case: Case) -> Verdict | None:
    """Only a call that was answered can be transferred."""
    row = _first(case, lambda said: said.is_transfer)
    return Verdict("answered", _basis(row), at_most("high", row)) if row else None


def refused(case: Case) -> Verdict | None:
    """By the SIP code of Direct Routing's last attempt, if none was successful."""
    rows = [row for row in case.rows if row.kind == "direct_routing"]
    if not rows or any(row.success for row in rows):
        return None
    last = max(rows, key=lambda row: (row.start is not None, row.start.timestamp() if row.start else 0.0))
    found = sip_codes.outcome(last.final_sip_code) if last.success is False else None
    if found is None:
        return None
    name, confidence = found
    if name == "cancelled" and case.chain.queues:
        return Verdict("abandoned", "direct_routing_log", "medium")
    return Verdict(name, "direct_routing_log", at_most(confidence, last))


def dialled_in(case: Case) -> Verdict | None:
    """A row of audio conferencing, or a telephone in a meeting."""
    row = _first(case, lambda said: said.is_conference)
    if row and row.duration:
        return Verdict("answered", "dial_in", at_most("high", row), is_final=True)
    if case.facts.is_meeting and any(
        leg.seconds and "phone" in (leg.caller.kind, leg.callee.kind) for leg in case.facts.legs
    ):
        return Verdict("answered", "dial_in", "high", is_final=True)
    return None


def answered(case: Case) -> Verdict | None:
    """The trunk's answer; a voice app answers each call within a second, so there it says nothing."""
    if case.is_voice_app:
        return None
    for row in case.rows:
        if _is_answered(row):
            return Verdict("answered", _basis(row), at_most("high", row), is_final=True)
    return None


def not_connected(case: Case) -> Verdict | None:
    """A PSTN row has no code: why it was not connected is not known."""
    rows = [row for row in case.rows if row.kind == "pstn"]
    if case.is_voice_app or not rows or any(row.duration is None or row.duration > 0 for row in rows):
        return None
    return Verdict("not_answered", "pstn_log", "medium")


def _is_answered(row: LogEvidence) -> bool:
    if row.kind == "pstn":
        return bool(row.duration and row.duration > 0)
    return bool(row.success) and (row.final_sip_code is None or row.final_sip_code in sip_codes.NORMAL)


def _first(case: Case, is_wanted: Callable[[CallType], bool]) -> LogEvidence | None:
    return next((row for row in case.rows if is_wanted(row.said)), None)


def _basis(row: LogEvidence) -> Basis:
    return "direct_routing_log" if row.kind == "direct_routing" else "pstn_log"
