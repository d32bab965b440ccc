"""By a service of voicemail in the record."""

from app.archive.outcomes import resource_accounts
from app.archive.outcomes.resource_accounts import VOICEMAIL
from app.archive.outcomes.rules.case import Case
from app.archive.outcomes.words import Verdict


def reached(case: Case) -> Verdict | None:
    """By documentation alone: no record of a real call to voicemail is known."""
    ends = (end for leg in case.facts.legs for end in (leg.caller, leg.callee))
    if case.facts.is_voicemail or any(resource_accounts.has_role(end, VOICEMAIL) for end in ends):
        return Verdict("voicemail", "voicemail_role", "low")
    return None
