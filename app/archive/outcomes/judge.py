"""The outcome of a call, from the facts of its record and the rows of logs that are joined with it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.archive.outcomes import direction
from app.archive.outcomes.chain import Chain, chain
from app.archive.outcomes.evidence import LogEvidence
from app.archive.outcomes.facts import NO_APPS, Apps, Facts
from app.archive.outcomes.rules.case import Case
from app.archive.outcomes.rules.table import RULES
from app.archive.outcomes.words import SETTLED_AFTER, UNKNOWN, Direction, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: Verdict
    provisional_until: datetime | None
    """Until then a later version may say more; None where who answered is known."""
    direction: Direction | None
    pstn: bool
    chain: Chain


def judged(facts: Facts, apps: Apps = NO_APPS, rows: Sequence[LogEvidence] = ()) -> Judged:
    way = chain(facts, apps)
    case = Case(facts, way, rows)
    verdict = next((found for rule in RULES if (found := rule(case))), UNKNOWN)
    until = None if verdict.is_final or facts.modified is None else facts.modified + SETTLED_AFTER
    return Judged(verdict, until, direction.direction(facts, rows), direction.pstn(facts, rows), way)


def is_provisional(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until
