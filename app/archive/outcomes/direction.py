"""Whether a call came from outside, went there or stayed in the organisation, and whether a telephone took part."""

from collections.abc import Iterable, Sequence

from app.archive.outcomes import resource_accounts
from app.archive.outcomes.evidence import LogEvidence
from app.archive.outcomes.facts import End, Facts
from app.archive.outcomes.resource_accounts import GATEWAYS
from app.archive.outcomes.words import Direction
from app.archive.parse.call_logs.call_types import INBOUND, OUTBOUND

_OF_LOGS: dict[str, Direction] = {INBOUND: "inbound", OUTBOUND: "outbound"}


def pstn(facts: Facts, rows: Sequence[LogEvidence]) -> bool:
    """A telephone or its gateway took part, or a row of the PSTN or Direct Routing log is joined."""
    ends = [end for leg in facts.legs for end in (leg.caller, leg.callee)]
    is_any = any(map(_is_phone, (facts.organizer, *facts.participants, *ends)))
    return bool(rows) or is_any or any(resource_accounts.has_role(end, GATEWAYS) for end in ends)


def direction(facts: Facts, rows: Sequence[LogEvidence]) -> Direction | None:
    """None where it is not known, as of most meetings."""
    logged = _logged(rows, further=False)
    if logged:
        return logged
    if _is_phone(facts.organizer):
        return "inbound"
    if pstn(facts, ()):
        # In a meeting a telephone may have dialled in, or been called.
        return None if facts.is_meeting or not _is_own(facts.organizer, facts) else "outbound"
    return _logged(rows, further=True) or _between_people(facts)


def _logged(rows: Sequence[LogEvidence], *, further: bool) -> Direction | None:
    """Of the first row that is the call itself, or of one that leads it on: a forwarded call came in before."""
    for row in sorted(rows, key=lambda row: (row.start is None, row.start.timestamp() if row.start else 0.0)):
        said = row.said
        if further == (said.is_forwarding or said.is_transfer) and (found := _OF_LOGS.get(said.direction)):
            return found
    return None


def _between_people(facts: Facts) -> Direction | None:
    """By the directories of those who took part; one of them that is not known leaves a call unknown."""
    people = [end for end in _everybody(facts) if end.kind is None or end.kind in _PEOPLE]
    if not people or any(not end.tenant_id and end.kind != "guest" for end in people):
        return None
    if all(_is_own(end, facts) for end in people):
        return "internal"
    if facts.is_meeting or not facts.organizer.tenant_id:
        return None
    return "outbound" if _is_own(facts.organizer, facts) else "inbound"


_PEOPLE = {"user", "guest"}


def _everybody(facts: Facts) -> Iterable[End]:
    """Each once; what is named without an id and without a directory says nothing."""
    ends = [end for leg in facts.legs for end in (leg.caller, leg.callee) if not end.is_service]
    found = {end.id or end.name: end for end in (facts.organizer, *facts.participants, *ends) if end.id or end.name}
    for end in (facts.organizer, *facts.participants, *ends):
        if (key := end.id or end.name) and end.tenant_id and not found[key].tenant_id:
            found[key] = end
    return found.values()


def _is_own(end: End, facts: Facts) -> bool:
    return end.tenant_id == facts.tenant_id


def _is_phone(end: End) -> bool:
    return end.kind == "phone"
