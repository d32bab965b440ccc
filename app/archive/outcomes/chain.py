"""A call's way through auto attendants and call queues to the person who answered. Pure.

A caller has a session with each voice app. Each agent who was offered the call has a session that names no queue: it is
longer than zero only for the agent who answered. So an agent belongs to the queue whose session began last before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.archive.outcomes import resource_accounts
from app.archive.outcomes.facts import AppKind, Apps, End, Facts, Leg
from app.archive.outcomes.resource_accounts import VOICEMAIL

StepKind = Literal["auto_attendant", "call_queue", "agent", "voicemail", "number"]
AT_ONCE = 5.0  # seconds in a queue that passed the call on without offering it


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A voice app, the agent who answered, voicemail, or another telephone number."""

    kind: StepKind
    object_id: str | None
    name: str | None
    start: datetime | None
    end: datetime | None
    result: str | None = None
    """In Microsoft's words (CallQueueCallResult, AutoAttendantCallResult) where one is known."""
    agents_offered: int = 0
    wait_seconds: float | None = None
    """In a queue: until the agent answered, else until its session ended."""


@dataclass(frozen=True, slots=True)
class Chain:
    steps: Sequence[Step] = ()
    agents: Sequence[Leg] = ()
    """Sessions of agents who were offered the call, by their start."""
    answered: Leg | None = None
    """The first of them that is longer than zero."""
    began: datetime | None = None
    """The start of the first session."""

    @property
    def is_voice_app(self) -> bool:
        return bool(self.steps)

    @property
    def queues(self) -> list[Step]:
        return [step for step in self.steps if step.kind == "call_queue"]

    @property
    def wait_seconds(self) -> float | None:
        """From the first session until an agent answered."""
        answered = self.answered.start if self.answered else None
        return max((answered - self.began).total_seconds(), 0) if answered and self.began else None

    @property
    def talk_seconds(self) -> float | None:
        return self.answered.seconds if self.answered else None


NO_CHAIN = Chain()


def chain(facts: Facts, apps: Apps) -> Chain:
    """Without steps where no voice app took part."""
    visits = _visits(facts.legs, apps)
    if not visits:
        return NO_CHAIN
    callers = {leg.caller.id for leg, _ in visits} | {facts.organizer.id}
    agents = sorted((leg for leg in facts.legs if _is_agent(leg, callers, apps)), key=_by_start)
    answered = next((leg for leg in agents if leg.seconds), None)
    steps = [_visited(leg, kind, apps) for leg, kind in visits]
    steps = [_offered(step, following, agents, answered) for step, following in _with_next(steps)]
    ends = _answered_step(answered) or _voicemail_step(facts.legs) or _number_step(facts.legs, callers, steps[-1])
    results = [_with_result(step, following) for step, following in _with_next([*steps, *ends])]
    starts = [leg.start for leg in facts.legs if leg.start]
    return Chain(results, agents, answered, min(starts, default=None))


def _visits(legs: Iterable[Leg], apps: Apps) -> list[tuple[Leg, AppKind]]:
    """Sessions with a voice app by their start, each once; those of a program only where no other says it."""
    called, programs = [], []
    for leg in legs:
        if kind := resource_accounts.kind(leg.callee, apps):
            called.append((leg, kind))
        elif kind := resource_accounts.kind(leg.caller, apps):
            programs.append((leg._replace(callee=leg.caller, caller=leg.callee), kind))
    known = {kind for _, kind in called}
    found = [*called, *(one for one in programs if one[1] not in known)]
    once = {(leg.start, leg.end, leg.callee.id, kind): (leg, kind) for leg, kind in found}
    return sorted(once.values(), key=lambda one: _by_start(one[0]))


def _is_agent(leg: Leg, callers: set[str], apps: Apps) -> bool:
    """A user with a name who did not make the call, and no voice app at either end."""
    caller = leg.caller
    is_user = caller.kind == "user" and bool(caller.name) and not caller.is_service
    return (
        is_user
        and caller.id not in callers
        and not resource_accounts.kind(caller, apps)
        and not resource_accounts.kind(leg.callee, apps)
        and not resource_accounts.has_role(leg.callee, VOICEMAIL)
    )


def _visited(leg: Leg, kind: AppKind, apps: Apps) -> Step:
    end = leg.callee
    known = apps.get(end.id)
    is_known = bool(end.id) and not resource_accounts.is_program(end)
    return Step(
        kind=kind,
        object_id=end.id if is_known else None,
        name=end.name or (known.name if known else None),
        start=leg.start,
        end=leg.end,
        result="user_terminated" if kind == "auto_attendant" and leg.failure is not None else None,
    )


def _offered(step: Step, following: Step | None, agents: Sequence[Leg], answered: Leg | None) -> Step:
    """The step with the agents who were offered the call in it, and how long the caller waited in a queue."""
    until = following.start if following else None
    here = [leg for leg in agents if _is_within(leg.start, step.start, until)]
    wait = None
    if step.kind == "call_queue" and step.start:
        end = answered.start if answered in here and answered else step.end
        wait = max((end - step.start).total_seconds(), 0) if end else None
    return replace(step, agents_offered=len({leg.caller.id or leg.caller.name for leg in here}), wait_seconds=wait)


def _is_within(at: datetime | None, start: datetime | None, until: datetime | None) -> bool:
    return bool(at and start and start <= at and (until is None or at < until))


def _answered_step(answered: Leg | None) -> list[Step]:
    return [_step_of("agent", answered.caller, answered)] if answered else []


def _voicemail_step(legs: Sequence[Leg]) -> list[Step]:
    for leg in legs:
        for end in (leg.callee, leg.caller):
            if resource_accounts.has_role(end, VOICEMAIL):
                return [_step_of("voicemail", end, leg)]
    return []


def _number_step(legs: Sequence[Leg], callers: set[str], last: Step) -> list[Step]:
    """A telephone that was called after the last voice app took the call."""
    for leg in legs:
        for end in (leg.callee, leg.caller):
            is_later = leg.start is not None and last.start is not None and leg.start > last.start
            if end.kind == "phone" and end.id not in callers and is_later:
                return [_step_of("number", end, leg)]
    return []


def _step_of(kind: StepKind, end: End, leg: Leg) -> Step:
    return Step(kind=kind, object_id=end.id or None, name=end.name, start=leg.start, end=leg.end)


def _with_next(steps: Sequence[Step]) -> list[tuple[Step, Step | None]]:
    return list(zip(steps, [*steps[1:], None], strict=True))


_FROM_ATTENDANT: dict[StepKind, str] = {
    "call_queue": "transferred_to_cq",
    "agent": "transferred_to_user",
    "voicemail": "transferred_to_shared_voicemail",
}


def _with_result(step: Step, following: Step | None) -> Step:
    if following is None:
        return step
    if step.kind == "auto_attendant":
        return replace(step, result=_FROM_ATTENDANT.get(following.kind))
    if step.kind == "call_queue" and following.kind == "agent":
        return replace(step, result="agent_answered")
    return step


def _by_start(leg: Leg) -> tuple[bool, float]:
    """Those of unknown times last."""
    return leg.start is None, leg.start.timestamp() if leg.start else 0.0
