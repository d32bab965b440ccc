"""The diagnosis of one call: each person whose streams were poor, who dropped, or whose call failed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.archive.diagnosis import sentences, verdict
from app.archive.diagnosis.connection import Connection, connection
from app.archive.diagnosis.legs import End, Leg, is_poor, is_rated
from app.archive.diagnosis.persons import Failure, Person, persons
from app.archive.diagnosis.rules.rule import Rule
from app.archive.diagnosis.symptoms import ALL, Worst, worst
from app.archive.diagnosis.verdict import Finding, Others, Verdict
from app.archive.parse.quality_rules import RuleSet, named

Happened = Literal["poor_received", "poor_sent", "dropped", "setup_failed", "failed", "device_problem", "rated_poor"]

POOR_RATINGS = {"bad", "poor"}
_OF_STAGE: dict[str, Happened] = {"callsetup": "setup_failed", "midcall": "dropped"}
_ORDER: tuple[Happened, ...] = (
    "dropped",
    "setup_failed",
    "failed",
    "poor_received",
    "poor_sent",
    "device_problem",
    "rated_poor",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One person: what happened to them, why, and what to do. ``sessions`` are positions."""

    person: End
    happened: list[Happened]
    verdict: Verdict
    measured: list[Worst]
    connection: Connection
    other: End | None
    other_connection: Connection | None
    other_was_fine: bool | None
    failure: Failure | None
    others: Others
    poor_streams: int
    rated_streams: int
    sessions: list[int]
    recommendation: str
    sentence: str


def diagnose(call: Mapping[str, Any]) -> list[Entry]:
    """Of a call as ``stored_calls.call`` returns it: those affected most first."""
    found = persons(call["sessions"])
    rules = named(call["quality_rules"])
    rated = {key: is_rated(_streams(person.legs)) for key, person in found.items()}
    good = {key: rated[key] and not is_poor(_streams(person.legs)) for key, person in found.items()}
    everybody = Others(sum(rated.values()), sum(good.values()))
    entries = (
        _entry(person, rules, Others(everybody.rated - rated[key], everybody.good - good[key]))
        for key, person in found.items()
    )
    return sorted((one for one in entries if one is not None), key=_severity)


def _entry(person: Person, rules: RuleSet, others: Others) -> Entry | None:
    legs = verdict.poor_legs(person)
    devices = verdict.of_device_rules(person.legs)
    happened = _happened(person, legs, devices)
    if not happened:
        return None
    own = [leg for leg in legs if leg.other.is_service or is_poor(leg.received)] or legs
    measured = worst(legs, rules, received=True, sent=True)
    failure = next(iter(sorted(person.failures, key=_failure_order)), None)
    made = _verdict(person, legs, measured, devices, failure, others)
    shown = own or [leg for leg in person.legs if failure is None or leg.session == failure.session]
    other = shown[0].other if shown else failure.other if failure else None
    mirrored = [leg.mirrored() for leg in shown if not leg.other.is_service]
    streams = _streams(person.legs)
    entry = Entry(
        person.end,
        sorted(happened, key=_ORDER.index),
        made,
        measured,
        connection(shown),
        other,
        connection(mirrored) if mirrored else None,
        verdict.other_was_fine(shown),
        failure,
        others,
        sum(stream["quality"] == "poor" for stream in streams),
        sum(stream["quality"] in {"good", "poor"} for stream in streams),
        sorted({leg.session for leg in legs} | {one.session for one in person.failures}),
        "",
        "",
    )
    return sentences.with_words(entry, shown)


def _happened(person: Person, legs: Sequence[Leg], devices: Sequence[Finding]) -> set[Happened]:
    found: set[Happened] = {_OF_STAGE.get((one.stage or "").lower(), "failed") for one in person.failures}
    if any(is_poor(leg.received) for leg in legs):
        found.add("poor_received")
    if any(is_poor(leg.sent) for leg in legs):
        found.add("poor_sent")
    one_to_one = any(not leg.other.is_service for leg in person.legs)
    if any(_is_alone(one, one_to_one=one_to_one) for one in devices):
        found.add("device_problem")
    return found | ({"rated_poor"} if person.ratings & POOR_RATINGS else set())


def _verdict(
    person: Person,
    legs: Sequence[Leg],
    measured: Sequence[Worst],
    devices: list[Finding],
    failure: Failure | None,
    others: Others,
) -> Verdict:
    if legs:
        symptoms = frozenset(one.symptom for one in measured) or ALL
        made = verdict.of_streams(legs, symptoms, others)
        known = {one.cause.code for one in (made.cause, *made.also)}
        made.also += [one for one in devices if one.cause.code not in known]
        return made
    if failure:
        made = verdict.of_failure(failure, [leg for leg in person.legs if leg.session == failure.session])
        made.also += devices
        return made
    return verdict.of_devices(devices) if devices else verdict.of_rating(person.tokens)


def _is_alone(finding: Finding, *, one_to_one: bool) -> bool:
    if not isinstance(finding.cause, Rule):
        return False
    return finding.cause.alone == "always" or (one_to_one and finding.cause.alone == "one_to_one")


def _streams(legs: Iterable[Leg]) -> list[Any]:
    """Each once: a leg has those of both directions."""
    return [stream for leg in legs for stream in {id(one): one for one in (*leg.received, *leg.sent)}.values()]


def _failure_order(failure: Failure) -> tuple[bool, bool]:
    return (failure.stage or "").lower() != "midcall", not failure.reason


def _severity(entry: Entry) -> tuple[int, int]:
    return _ORDER.index(entry.happened[0]), -entry.poor_streams
