"""The sentence to paste and the recommendation of one person's diagnosis. Pure.

``{owner}'s Wi-Fi: 2.4 GHz, signal 24 %; packet loss 27 % (limit 10 %). {other}, on a cable, had no loss. Try 5 GHz or a
cable.``
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.archive.diagnosis.connection import Connection
from app.archive.diagnosis.legs import End, Leg
from app.archive.diagnosis.rules.rule import Rule
from app.archive.diagnosis.symptoms import Worst
from app.archive.parse.identities.shown_name import shown_name

if TYPE_CHECKING:
    from app.archive.diagnosis.diagnose import Entry

MOST_METRICS = 3
NO_LOSS = 0.005  # a share of lost packets below which a sentence says "no loss"
_IN_THE_CONNECTION = {"wifi_2_4_ghz", "wifi_weak_signal", "wifi_slow_link", "wifi", "cellular", "vpn"}
_MEDIA = {"audio": "", "video": "video ", "screen": "screen sharing "}
_TELEPHONY = {"gateway", "mediationServer", "mediationServerCloudConnectorEdition"}


def with_words(entry: "Entry", legs: Sequence[Leg]) -> "Entry":
    """The entry with its recommendation and sentence; ``legs`` are those that they are about."""
    owner, other = entry.person, entry.other
    made = entry.verdict
    if made.cause.owner == "other_end" and other is not None:
        owner, other = other, entry.person
    made.reasons = [
        reason.format(owner=name(owner), other=name(other)) if "{" in reason else reason for reason in made.reasons
    ]
    parts = [_happening(entry, owner), _other_end(entry, owner, legs), _failure(entry), _advice(entry)]
    return replace(entry, recommendation=recommendation(entry), sentence=" ".join(filter(None, parts)))


def recommendation(entry: "Entry") -> str:
    """For this person; where the cause is at the other end, what the other one should do."""
    advice = _advice(entry)
    if entry.verdict.cause.owner == "own" or entry.other is None:
        return advice
    return f"Ask {name(entry.other)} to {advice[0].lower()}{advice[1:]}"


def name(end: End | None) -> str:
    """``unknown`` is what an end without any identity is called."""
    if end is None or (end.is_service and not end.identity.get("display_name")):
        return "the telephone network" if end and end.role in _TELEPHONY else "the Microsoft server"
    shown = shown_name(end.identity)
    return "an unknown person" if shown == "unknown" else shown


def span(seconds: float) -> str:
    """The two largest units: 1 h 12 min, 3 min 20 s."""
    left = round(seconds)
    parts: list[str] = []
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def metrics(measured: Sequence[Worst]) -> str:
    """``packet loss 27 % (limit 10 %), jitter 45 ms (limit 30 ms)``: of the kind of media that matters most."""
    kind = measured[0].kind if measured else None
    mine = [f"{_MEDIA[one.kind]}{one.measured.beside_limit}" for one in measured if one.kind == kind]
    return ", ".join(mine[:MOST_METRICS])


def _happening(entry: "Entry", owner: End) -> str:
    """Who, how connected, and what was measured."""
    cause = entry.verdict.cause
    what = metrics(entry.measured)
    if not what and isinstance(cause.cause, Rule) and cause.cause.code not in _IN_THE_CONNECTION:
        return f"{name(owner)}: {_values(entry)}."
    if not what and not entry.failure:
        return f"{name(owner)}: {cause.cause.text}."
    connected = entry.connection if cause.owner == "own" else entry.other_connection
    extra = _values(entry) if isinstance(cause.cause, Rule) and cause.cause.code not in _IN_THE_CONNECTION else ""
    return _described(name(owner), connected or Connection(None), ", ".join(filter(None, (extra, what))))


def _values(entry: "Entry") -> str:
    cause = entry.verdict.cause
    return ", ".join(one.beside_limit for one in cause.measured) or cause.cause.text


def _described(who: str, connected: Connection, what: str) -> str:
    """``Ada's Wi-Fi: 5 GHz, signal 90 %; jitter 45 ms (limit 30 ms).``"""
    if connected.type == "wifi":
        known = ", ".join(
            one.text if one.quantity.name == "wifiBand" else f"{one.quantity.label} {one.text}"
            for one in connected.values
        )
        listed = "; ".join(filter(None, (known, what)))
        return f"{who}'s Wi-Fi: {listed}." if listed else ""
    if not what:
        return ""
    on = "over" if connected.type == "tunnel" else "on"
    return f"{who}, {on} {connected.text}: {what}." if connected.text else f"{who}: {what}."


def _other_end(entry: "Entry", owner: End, legs: Sequence[Leg]) -> str:
    """Whether the other end was fine: the other client, or the other people of a meeting."""
    if not entry.measured or entry.other is None:
        return ""
    if entry.other.is_service:
        return _of_meeting(entry)
    is_other = owner is entry.person
    who, connected = (entry.other, entry.other_connection) if is_other else (entry.person, entry.connection)
    streams = [stream for leg in legs for stream in (leg.sent if is_other else leg.received)]
    rated = {stream["quality"] for stream in streams} & {"good", "poor"}
    on = f", {'over' if connected.type == 'tunnel' else 'on'} {connected.text}," if connected and connected.text else ""
    if not rated:
        return f"What {name(who)}{on} received was not rated."
    if "poor" in rated:
        return f"{name(who)}{on} had poor quality, too."
    losses = [stream.get("average_packet_loss_rate") for stream in streams]
    known = [loss for loss in losses if loss is not None]
    without_loss = bool(known) and max(known) < NO_LOSS and any(one.symptom == "loss" for one in entry.measured)
    return f"{name(who)}{on} had {'no loss' if without_loss else 'good quality'}."


def _of_meeting(entry: "Entry") -> str:
    rated, good = entry.others
    if not rated:
        return ""
    if good == rated:
        return "The other person had good quality." if rated == 1 else f"All {rated} other people had good quality."
    if not good:
        return (
            "The other person had poor quality, too."
            if rated == 1
            else f"All {rated} other people had poor quality, too."
        )
    return f"{good} of {rated} other people had good quality."


def _failure(entry: "Entry") -> str:
    failure = entry.failure
    if failure is None:
        return ""
    stage = (failure.stage or "").lower()
    reason = f' ("{failure.reason.rstrip(".")}")' if failure.reason else ""
    who = name(entry.person)
    if stage == "callsetup":
        to = "" if failure.other.is_service else f" to {name(failure.other)}"
        return f"Graph reports a failure at call setup of {who}'s call{to}{reason}."
    after = f" after {span(failure.after_seconds)}" if failure.after_seconds else ""
    back = "" if failure.back_after_seconds is None else f", back after {span(failure.back_after_seconds)}"
    if stage == "midcall":
        return f"{who} lost the connection{after}{reason}{back}."
    return f"Graph reports a failure of {who}'s call{after}{reason}{back}."


def _advice(entry: "Entry") -> str:
    return entry.verdict.cause.cause.advice
