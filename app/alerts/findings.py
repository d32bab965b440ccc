"""What the rules find at a moment: for each place of each rule a decision. Pure; counts come in, decisions go out."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import orjson

from app.alerts import window
from app.alerts.counts import Counts, Place
from app.alerts.rule import Rule
from app.alerts.window import FIRST_PASS, LAST_PASS, NOTHING, Counted, Decision


class Finding(NamedTuple):
    """The decision for one alert, with the newest window that breached (or the newest of all)."""

    fingerprint: str
    rule: Rule
    tenant_id: str
    value: str
    decision: Decision
    hour: int
    counted: Counted
    threshold: float


def hours_of(rule: Rule, now: datetime) -> set[int]:
    """The hours whose counts `of` needs."""
    looked_at = {*window.windows_at(now, FIRST_PASS), *window.windows_at(now, LAST_PASS)}
    if rule.kind != "poor_share_against_usual":
        return looked_at
    return looked_at | {each for hour in looked_at for each in _weeks_before(hour)}


def of(rule: Rule, counts: Counts, now: datetime, open_alerts: Collection[str]) -> Iterator[Finding]:
    """For all places with counts; ``open_alerts`` are fingerprints."""
    raising, final = window.windows_at(now, FIRST_PASS), window.windows_at(now, LAST_PASS)
    for place, by_hour in sorted(counts.items()):
        judged = {hour: _judge(rule, by_hour, hour) for hour in {*raising, *final}}
        identity = fingerprint(rule, place)
        decision = window.decide(
            [judged[hour] for hour in raising],
            [judged[hour] for hour in final],
            is_open=identity in open_alerts,
        )
        newest = next((hour for hour in raising if judged[hour].severity), raising[0])
        tenant_id, value = place
        counted = by_hour.get(newest, NOTHING)
        yield Finding(identity, rule, tenant_id, value, decision, newest, counted, judged[newest].threshold)


def fingerprint(rule: Rule, place: Place) -> str:
    """The identity of an alert, the same at every time, in every process and for every receiver."""
    text = orjson.dumps([rule.id, place[0], [[rule.by, place[1]]]])
    return sha256(text).hexdigest()[:32]


def _judge(rule: Rule, by_hour: dict[int, Counted], hour: int) -> window.Judged:
    usual: Sequence[Counted] = ()
    if rule.kind == "poor_share_against_usual":
        usual = [by_hour.get(each, NOTHING) for each in _weeks_before(hour)]
    return window.judge(rule, by_hour.get(hour, NOTHING), usual)


def _weeks_before(hour: int) -> list[int]:
    return [hour - number * window.WEEK for number in range(1, window.WEEKS + 1)]
