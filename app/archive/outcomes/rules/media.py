"""By what was sent, in calls without a voice app."""

from app.archive.outcomes.rules.case import Case
from app.archive.outcomes.words import Verdict


def meeting(case: Case) -> Verdict | None:
    """A meeting is not answered."""
    return Verdict("unknown", "meeting", "low", is_final=True) if case.facts.is_meeting else None


def sent(case: Case) -> Verdict | None:
    """Of a telephone even the ringing may have been sent."""
    facts = case.facts
    if case.is_voice_app or not facts.has_packets or not any(leg.seconds for leg in facts.legs):
        return None
    return Verdict("answered", "media", "low" if _has_telephone(case) else "medium", is_final=True)


def none_sent(case: Case) -> Verdict | None:
    """A call between two ends without media, which took no time or did not reach a client."""
    facts = case.facts
    if case.is_voice_app or facts.type != "peerToPeer" or not facts.legs or facts.has_media or facts.has_packets:
        return None
    took_no_time = all(leg.start and leg.start == leg.end for leg in facts.legs)
    reached_none = not any(leg.callee.has_client for leg in facts.legs)
    return Verdict("not_answered", "no_media", "low") if took_no_time or reached_none else None


def _has_telephone(case: Case) -> bool:
    ends = (end for leg in case.facts.legs for end in (leg.caller, leg.callee))
    return any(end.kind == "phone" for end in (case.facts.organizer, *case.facts.participants, *ends))
