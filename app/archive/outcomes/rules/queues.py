"""By where the way of a call through voice apps ended, if no agent answered."""

import re

from app.archive.outcomes.chain import AT_ONCE
from app.archive.outcomes.rules.case import Case
from app.archive.outcomes.words import Name, Verdict

# CallQueueCallResult of Microsoft's report of auto attendants and call queues.
# https://learn.microsoft.com/microsoftteams/aa-cq-cqd-historical-reports
_RESULTS: dict[str, Name] = {
    "overflown": "overflowed",
    "timed_out": "timed_out",
    "no_agent": "no_agent",
    "declined": "declined",
}
_WORD = re.compile(r"[a-z]+(?:_[a-z]+)*")


def in_microsofts_words(case: Case) -> Verdict | None:
    """A result of a queue in the reason of a failure."""
    if not case.chain.queues:
        return None
    for leg in case.facts.legs:
        for word in _WORD.findall((leg.failure or "").lower()):
            if name := _RESULTS.get(word):
                return Verdict(name, "failure_reason", "medium")
    return None


def to_another_number(case: Case) -> Verdict | None:
    """A telephone was called after the queue took the call; whether it answered is not known."""
    if not case.chain.queues or case.chain.steps[-1].kind != "number":
        return None
    return Verdict("forwarded", "number_after_queue", "low")


def left_the_queue(case: Case) -> Verdict | None:
    """The queue passed the call on, and no agent was offered it afterwards.

    A queue that is full, or has no agents, passes a call on at once; one that rang in vain when its time ends.
    """
    chain = case.chain
    if not chain.queues or chain.steps[-1].kind != "auto_attendant":
        return None
    last = chain.queues[-1]
    if last.wait_seconds is None:
        return None
    if last.wait_seconds <= AT_ONCE and not last.agents_offered:
        return Verdict("overflowed", "left_queue_at_once", "low")
    return Verdict("timed_out", "left_queue_later", "low")


def ended_in_the_queue(case: Case) -> Verdict | None:
    """No agent was offered the call. The caller left, or the queue ended the call: that looks alike."""
    steps = case.chain.steps
    if not steps or steps[-1].kind != "call_queue":
        return None
    return Verdict("abandoned", "ended_in_queue", "low")


def ended_in_the_menu(case: Case) -> Verdict | None:
    """Graph reports a failure at call setup where a caller hangs up in a menu; without it an auto attendant may have
    ended the call, for example after an announcement.
    """
    steps = case.chain.steps
    if not steps or case.chain.queues or steps[-1].kind != "auto_attendant":
        return None
    if steps[-1].result == "user_terminated":
        return Verdict("abandoned", "hung_up_in_menu", "medium")
    return Verdict("unknown", "ended_in_menu", "low")
