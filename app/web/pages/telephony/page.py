"""`/telephony`: trunks, queues, missed calls that were not returned, and cost; each number links to its rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from app.archive.schema.call_log_types import KINDS, PSTN
from app.archive.schema.microseconds import moment
from app.telephony.figures import traffic
from app.telephony.figures.costs import Amount
from app.telephony.figures.groups import Group, TopCode
from app.telephony.figures.results import TerminalRejects, percent
from app.telephony.queries import charged_rows, missed_calls, queue_calls, sums, user_names
from app.telephony.queries.log_filters import LogFilters
from app.web import unknown_parameters
from app.web.auth.callers import Reader
from app.web.context import context
from app.web.pages.shared import formatting
from app.web.pages.shared.render import page

router = APIRouter(include_in_schema=False)

RANGES = {"1d": 1, "7d": 7, "30d": 30, "90d": 90}  # days
USUAL = "30d"
COSTS = ("user", "department", "destination")
SHOWN = 20  # rows of a table
MEMORY = 60_000_000  # bytes: the times of a month, and missed calls


class Cost(NamedTuple):
    """Of one value, in one currency."""

    name: str | None
    currency: str
    amount: Amount
    href: str | None
    """To the rows, where they can be asked for."""


@router.get("/telephony")
async def telephony(request: Request, caller: Reader) -> Response:
    unknown_parameters.refuse(request.query_params, ("range", "cost"))
    chosen = request.query_params.get("range", USUAL)
    chosen = chosen if chosen in RANGES else USUAL
    cost_by = request.query_params.get("cost", "user")
    cost_by = cost_by if cost_by in COSTS else "user"
    now = datetime.now(UTC)
    filters = LogFilters(kinds=KINDS, since=now - timedelta(days=RANGES[chosen]), until=now, **caller.limits)
    here, period = context(request), {"from": formatting.iso(filters.since), "to": formatting.iso(filters.until)}
    await request.state.memory.reserve(MEMORY)
    async with here.reads.reading() as db:
        trunks = await sums.summed(db, filters, "trunk")
        calls = replace(filters.of_calls(), since=filters.since, until=filters.until)
        queues = await queue_calls.by_queue(db, calls)
        missed = await missed_calls.unreturned(db, filters, now)
        costs = await _costs(db, filters, cost_by, period)
        dearest = await charged_rows.dearest(db, replace(filters, kinds=(PSTN,)), SHOWN // 2)
        longest = await charged_rows.longest(db, filters, SHOWN // 2)
    return await page(
        request,
        "telephony.html",
        nav="/telephony",
        ranges=RANGES,
        chosen=chosen,
        trunks=_trunks(trunks.groups, here.trunk_channels, period),
        queues=queues[:SHOWN],
        missed=[(one, moment(one.at), _rows("", period, number=_number(one.number))) for one in missed[:SHOWN]],
        missed_count=len(missed),
        costs=costs,
        cost_by=cost_by,
        COSTS=COSTS,
        dearest=[dict(row) | {"at": moment(row["ordered_at"])} for row in dearest],
        longest=[dict(row) | {"at": moment(row["ordered_at"])} for row in longest],
        all_rows=[_rows("pstn", period), _rows("direct-routing", period)],
    )


def _trunks(groups: dict[str | None, Group], channels: Any, period: dict[str, str]) -> list[dict[str, Any]]:
    ranked = sorted(groups.items(), key=lambda one: (-one[1].attempts, one[0] or ""))
    return [_trunk(name, group, channels.get(name or ""), period) for name, group in ranked]


def _trunk(name: str | None, group: Group, channels: int | None, period: dict[str, str]) -> dict[str, Any]:
    peak, busy = group.peak_calls(), group.busy_hour()
    own = period | ({"trunk": name} if name else {})
    return {
        "name": name,
        "group": group,
        "ner": group.trunk.ner(TerminalRejects()),
        "peak": peak,
        "peak_at": None if peak.at is None else moment(peak.at),
        "channels": channels,
        "utilisation": percent(peak.calls, channels) if channels else None,
        "blocking": round(100 * traffic.erlang_b(busy.erlangs, channels), 2) if channels else None,
        "busy_at": None if busy.start is None else moment(busy.start),
        "erlangs": round(busy.erlangs, 2),
        "delay": group.post_dial_delay(),
        "href": _rows("direct-routing", own),
        "codes": [(code, _ended(own, code)) for code in group.top_codes()],
    }


def _ended(own: dict[str, str], code: TopCode) -> str | None:
    """The link to the rows of a trunk that ended so; None where a code is missing, which cannot be asked for."""
    if code.sip_code is None or code.sub_code is None:
        return None
    codes = {"sip_code": code.sip_code, "sub_code": code.sub_code}
    return _rows("direct-routing", own, direction=code.direction, **codes)


async def _costs(db: AsyncConnection, filters: LogFilters, by: Any, period: dict[str, str]) -> list[Cost]:
    found = await sums.summed(db, replace(filters, kinds=(PSTN,)), by)
    named = [value for value in found.groups if value]
    names = await user_names.of(db, filters, named) if by == "user" else {}
    rows = [
        Cost(names.get(value or "") or value, currency, amount, _of_user(value, period) if by == "user" else None)
        for value, group in found.groups.items()
        for currency, amount in group.costs.known().items()
    ]
    return sorted(rows, key=lambda one: (one.currency, -one.amount.millionths, one.name or ""))[: 2 * SHOWN]


def _of_user(user: str | None, period: dict[str, str]) -> str | None:
    return _rows("pstn", period, user=user) if user else None


def _rows(kind: str, period: dict[str, str], **more: Any) -> str:
    """The link to the rows that were counted."""
    given = {name: value for name, value in more.items() if value is not None}
    return "/telephony/calls?" + urlencode(({"log": kind} if kind else {}) | period | given)


def _number(number: str) -> str:
    """A masked number as the beginning that is known."""
    known = number.rstrip("*")
    return f"+{known}*" if known != number else f"+{known}"
