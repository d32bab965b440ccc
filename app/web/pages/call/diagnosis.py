"""The diagnosis at the top of a call page: people with the same sentence together, and the text to copy. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from app.archive.diagnosis.as_json import person
from app.archive.diagnosis.diagnose import Entry, diagnose
from app.archive.diagnosis.sentences import name
from app.archive.diagnosis.summary import summary

OPEN = 3  # findings that are shown at once; the others are folded
MOST = 100  # findings on a page
HAPPENED = {
    "dropped": "dropped",
    "setup_failed": "call setup failed",
    "failed": "failed",
    "poor_received": "received poor quality",
    "poor_sent": "sent poor quality",
    "device_problem": "device problem",
    "rated_poor": "gave a bad rating",
}


class Affected(NamedTuple):
    """One person: the identity, and what happened to them in words."""

    identity: Mapping[str, Any]
    happened: str


class Value(NamedTuple):
    text: str
    measured: str
    limit: str
    of: str
    graph_name: str


class Finding(NamedTuple):
    """One cause, and all people to whom the same sentence applies."""

    people: list[Affected]
    cause: str
    sentence: str
    side: str
    confidence: str
    reasons: str
    values: list[Value]
    also: str
    session: int | None


class Shown(NamedTuple):
    """``people`` counts all that were affected; ``more`` are the findings that are folded."""

    people: int
    first: list[Finding]
    more: list[Finding]
    left: int
    summary: str


def shown(call: Mapping[str, Any], origin: str, zone: ZoneInfo) -> Shown | None:
    """Of a call with its ``sessions``; None where no person was affected."""
    entries = diagnose(call)
    if not entries:
        return None
    by_sentence: dict[str, list[Entry]] = {}
    for entry in entries:
        by_sentence.setdefault(entry.sentence, []).append(entry)
    findings = [_finding(some) for some in list(by_sentence.values())[:MOST]]
    first = findings[:OPEN]
    return Shown(
        len(entries),
        first,
        findings[OPEN:],
        len(by_sentence) - len(findings),
        summary(call, entries, f"{origin}/calls/{quote(call['id'], safe='')}", zone),
    )


def _finding(entries: Sequence[Entry]) -> Finding:
    """Where one end of a call has the cause, its own entry describes it best."""
    entry = next((one for one in entries if one.verdict.cause.owner == "own"), entries[0])
    made = entry.verdict
    return Finding(
        [Affected(one.person.identity, ", ".join(HAPPENED[what] for what in one.happened)) for one in entries],
        made.cause.cause.text,
        entry.sentence,
        _side(entry),
        made.confidence,
        "; ".join(made.reasons),
        _values(entry),
        ", ".join(one.cause.text for one in made.also),
        entry.sessions[0] if entry.sessions else None,
    )


def _side(entry: Entry) -> str:
    own, other = name(entry.person), name(entry.other)
    return {"own": f"{own}'s side", "other_end": f"{other}'s side", "both": "both sides"}.get(
        entry.verdict.side, "side unknown"
    )


def _values(entry: Entry) -> list[Value]:
    """Each once: what two rules found is the same value."""
    of = {"streams": "poor streams", "own": name(entry.person), "other_end": name(entry.other)}
    rows = (
        Value(
            f"{one['media']} {one['label']}" if one["media"] else one["label"],
            one["text"],
            one["limit_text"],
            of[one["of"]],
            one["name"],
        )
        for one in person(entry)["measured"]
    )
    return list(dict.fromkeys(rows))
