"""From what was measured at both ends to one cause: whose side it was on, and how certain that is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from app.archive.diagnosis.connection import is_reported
from app.archive.diagnosis.legs import Leg, is_poor, is_rated
from app.archive.diagnosis.persons import Failure, Person
from app.archive.diagnosis.rules import table, unexplained
from app.archive.diagnosis.rules.rule import Found, Rule
from app.archive.diagnosis.rules.unexplained import Cause
from app.archive.diagnosis.symptoms import ALL, Symptom

Owner = Literal["own", "other_end"]
OnSide = Literal["own", "other_end", "both", "unknown"]
Confidence = Literal["high", "medium", "low"]

NO_TELEMETRY = "no network telemetry from"
MANY_OTHERS = 3  # people with rated streams: fewer prove nothing about those who are poor, too


class Finding(NamedTuple):
    """A cause that applies, at which end, and the values that show it."""

    cause: Rule | Cause
    owner: Owner
    measured: Found

    @property
    def is_evidence(self) -> bool:
        """A weak rule, such as a Wi-Fi without any fault, is a hint."""
        return isinstance(self.cause, Rule) and self.cause.weight != "weak"


class Others(NamedTuple):
    """The other people of the call with rated streams, and how many of them had none that was poor."""

    rated: int
    good: int

    @property
    def are_mostly_poor(self) -> bool:
        return self.rated >= MANY_OTHERS and 2 * self.good < self.rated


@dataclass(slots=True)
class Verdict:
    """``also``: what else applies. ``reasons``: why the confidence is not high, each a phrase."""

    cause: Finding
    side: OnSide
    confidence: Confidence
    also: list[Finding] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def poor_legs(person: Person) -> list[Leg]:
    """The media with poor streams that concern the person: received, or sent to a service.

    What was poor at another client is that person's, unless only this end has a cause.
    """
    concerned = [leg for leg in person.legs if is_poor(leg.received) or (leg.other.is_service and is_poor(leg.sent))]
    sent = [leg for leg in person.legs if is_poor(leg.sent)]
    if concerned:
        known = {id(leg) for leg in concerned}
        return concerned + [leg for leg in sent if id(leg) not in known]
    return sent if _has_evidence(of_network(sent, "own")) and not _has_evidence(_of_other_end(sent)) else []


def of_streams(legs: Sequence[Leg], symptoms: frozenset[Symptom], others: Others) -> Verdict:
    """Why these media were poor."""
    own, other = of_network(legs, "own", symptoms), _of_other_end(legs, symptoms)
    side = _side(legs, own, other)
    mine = {"own": own, "other_end": other, "both": own + other, "unknown": []}[side]
    found = sorted(mine, key=lambda one: not one.is_evidence)
    cause = found[0] if found else Finding(unexplained.by_symptoms(symptoms), "own", [])
    reasons = _missing_telemetry(legs, cause)
    if others.are_mostly_poor:
        reasons.append(f"{others.rated - others.good} of {others.rated} other people had poor quality, too")
    return Verdict(cause, side, _confidence(cause, found, side, reasons), found[1:], reasons)


def of_failure(failure: Failure, legs: Sequence[Leg]) -> Verdict:
    """Why the connection failed; ``legs`` are those of the person in that session."""
    stage = (failure.stage or "").lower()
    found = [one for one in of_network(legs, "own") if one.is_evidence] if stage == "midcall" else []
    if found:
        return Verdict(found[0], "own", "medium", found[1:], ["Graph does not say why the connection was lost"])
    cause = {"callsetup": unexplained.SETUP_FAILED, "midcall": unexplained.DROPPED}.get(stage, unexplained.FAILED)
    reasons = [] if failure.reason else ["Graph gives no reason"]
    return Verdict(Finding(cause, "own", []), "unknown", "medium" if failure.reason else "low", [], reasons)


def of_devices(findings: Sequence[Finding]) -> Verdict:
    """The first finding of a device is the cause."""
    certain = isinstance(findings[0].cause, Rule) and findings[0].cause.weight == "strong"
    return Verdict(findings[0], "own", "high" if certain else "medium", list(findings[1:]))


def of_rating(tokens: set[str]) -> Verdict:
    """A poor rating where nothing was measured."""
    echo = any(token.lower() == "echo" for token in tokens)
    cause = unexplained.REPORTED_ECHO if echo else unexplained.NOT_MEASURED
    return Verdict(
        Finding(cause, "own", []), "other_end" if echo else "unknown", "low", [], ["only the rating says so"]
    )


def of_network(legs: Sequence[Leg], owner: Owner, symptoms: frozenset[Symptom] = ALL) -> list[Finding]:
    """The causes in the network of the end, in the order of the table."""
    found = [
        Finding(rule, owner, values)
        for rule in table.NETWORK
        if rule.explains & symptoms and (values := rule.find(legs))
    ]
    only_wifi = [one for one in found if one.cause.code == "wifi"]
    return found if found == only_wifi else [one for one in found if one not in only_wifi]


def of_device_rules(legs: Sequence[Leg]) -> list[Finding]:
    return [Finding(rule, "own", values) for rule in table.DEVICE if (values := rule.find(legs))]


def other_was_fine(legs: Sequence[Leg]) -> bool | None:
    """Whether the other ends received well; None where nothing was rated there."""
    sent = [stream for leg in legs for stream in leg.sent]
    return not is_poor(sent) if is_rated(sent) else None


def _of_other_end(legs: Sequence[Leg], symptoms: frozenset[Symptom] = ALL) -> list[Finding]:
    return of_network(_mirrored(legs), "other_end", symptoms)


def _mirrored(legs: Sequence[Leg]) -> list[Leg]:
    """The other ends that are clients: the network of a service is never the cause."""
    return [leg.mirrored() for leg in legs if not leg.other.is_service]


def _missing_telemetry(legs: Sequence[Leg], cause: Finding) -> list[str]:
    """Of the end with the cause; of the other one where it is not certain that its network was fine."""
    both = (legs, _mirrored(legs))
    owner, other = both if cause.owner == "own" else reversed(both)
    missing = [] if is_reported(owner) else [f"{NO_TELEMETRY} {{owner}}"]
    was_fine = other_was_fine(legs) if cause.owner == "own" else False
    if other and not was_fine and not is_reported(other):
        missing.append(f"{NO_TELEMETRY} {{other}}")
    return missing


def _has_evidence(found: Sequence[Finding]) -> bool:
    return any(one.is_evidence for one in found)


def _side(legs: Sequence[Leg], own: list[Finding], other: list[Finding]) -> OnSide:
    if all(leg.other.is_service for leg in legs):
        return "own"
    for here, there in ((_has_evidence(own), _has_evidence(other)), (bool(own), bool(other))):
        if here and there:
            return "both"
        if here or there:
            return "own" if here else "other_end"
    return "unknown"


def _confidence(cause: Finding, found: Sequence[Finding], side: OnSide, reasons: Sequence[str]) -> Confidence:
    if f"{NO_TELEMETRY} {{owner}}" in reasons:
        return "low"
    if not isinstance(cause.cause, Rule):
        return "medium" if side == "own" and not reasons else "low"
    if cause.cause.weight == "weak":
        return "low"
    evidence = sum(one.is_evidence for one in found)
    is_certain = (cause.cause.weight == "strong" or evidence > 1) and side != "both" and not reasons
    return "high" if is_certain else "medium"
