"""The figures of a group of log rows as `/api/telephony` shows them. Pure."""

from typing import Any

import orjson

from app.archive.schema.microseconds import moment
from app.telephony.figures import traffic
from app.telephony.figures.costs import Costs
from app.telephony.figures.distribution import Spread
from app.telephony.figures.groups import Group
from app.telephony.figures.queues import Ending, Queue
from app.telephony.figures.results import TerminalRejects, percent


def shown(group: Group, rejects: TerminalRejects, channels: int | None) -> dict[str, Any]:
    """Without ``value`` and ``name``."""
    peak, busy = group.peak_calls(), group.busy_hour()
    return {
        "attempts": group.attempts,
        "answered": group.answered,
        "asr": group.asr(),
        "ner": group.trunk.ner(rejects),
        "ner_attempts": group.trunk.total,
        "ner_is_reliable": group.trunk.enough_for_ner,
        "results": {result.value: number for result, number in sorted(group.trunk.results.items())},
        "acd_seconds": group.acd(),
        "minutes": group.minutes(),
        "peak_concurrent_calls": peak.calls,
        "peak_at": None if peak.at is None else moment(peak.at),
        "channels": channels,
        "utilisation": percent(peak.calls, channels) if channels else None,
        "busy_hour": None if busy.start is None else moment(busy.start),
        "erlangs": round(busy.erlangs, 4),
        "blocking": round(traffic.erlang_b(busy.erlangs, channels), 4) if channels else None,
        "post_dial_delay": times(group.post_dial_delay()),
        "answer_time": times(group.answer_time()),
        "top_sip_codes": [
            {
                "direction": code.direction,
                "sip_code": code.sip_code,
                "sub_code": code.sub_code,
                "name": code.name,
                "meaning": code.meaning,
                "answered_by": code.answered_by,
                "calls": code.calls,
            }
            for code in group.top_codes()
        ],
        "cost": cost(group.costs),
        "abandoned": group.abandoned,
        "short_abandoned": group.short_abandoned,
        "abandon_rate": group.abandon_rate(),
        "queue": None,
    }


def queue(calls: Queue) -> dict[str, Any]:
    """The figures of a call queue, in the form of a group."""
    endings = calls.endings
    return shown(Group(attempts=calls.offered, answered=calls.answered), TerminalRejects(), None) | {
        "abandoned": calls.abandoned,
        "short_abandoned": calls.short_abandons,
        "abandon_rate": calls.abandon_rate_without_short(),
        "queue": {
            "offered": calls.offered,
            "answered": calls.answered,
            "overflowed": endings[Ending.overflowed],
            "timed_out": endings[Ending.timed_out],
            "no_agent": endings[Ending.no_agent],
            "in_time": calls.in_time,
            "target_seconds": calls.target,
            "service_level": calls.service_level(),
            "grade_of_service": calls.grade_of_service(),
            "waiting": times(calls.waiting()),
            "enough_calls": calls.is_enough,
        },
    }


def times(spread: Spread) -> dict[str, Any]:
    return {"calls": spread.number, "median_seconds": spread.median, "p90_seconds": spread.p90}


def cost(costs: Costs) -> list[dict[str, Any]]:
    return [
        {
            "currency": currency,
            "amount": orjson.Fragment(str(amount.exact)),  # a number with all its digits
            "calls": amount.calls,
            "free_calls": amount.free,
        }
        for currency, amount in costs.known().items()
    ]
