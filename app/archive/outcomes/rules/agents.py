"""By the sessions of agents in a call through voice apps: one who only rang has a session of length zero."""

from app.archive.outcomes.rules.case import Case
from app.archive.outcomes.words import Verdict


def answered(case: Case) -> Verdict | None:
    if case.chain.answered is None:
        return None
    return Verdict("answered", "agent_session", "medium", is_final=True)


def only_rang(case: Case) -> Verdict | None:
    """Whether the caller left or the queue's time ended looks alike."""
    if not case.chain.agents or not case.chain.steps or case.chain.answered:
        return None
    if not case.chain.steps[-1].agents_offered:
        return None  # a later voice app took the call
    return Verdict("not_answered", "agents_only_rang", "medium")
