"""The page of a person: calls over time, devices and networks, and common factors of poor calls."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.archive.diagnosis.patterns import patterns
from app.archive.people import person
from app.archive.people.person import OnDay, Profile
from app.archive.queries.filters import Filters
from app.web import unknown_parameters
from app.web.auth.callers import Reader
from app.web.context import context
from app.web.pages.shared import charts, formatting
from app.web.pages.shared.charts import Chart, Value
from app.web.pages.shared.dimension_names import DIMENSIONS
from app.web.pages.shared.render import page
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

RANGES = {"30d": 30, "90d": 90, "365d": 365}  # days
_WEEK = timedelta(days=7)


@router.get("/people/{person_id}")
async def person_page(
    request: Request, person_id: Annotated[str, Path(pattern=r"^[^\x00]+$", max_length=250)], caller: Reader
) -> Response:
    """By complete object id, user principal name or telephone number."""
    unknown_parameters.refuse(request.query_params, ("range",))
    chosen = request.query_params.get("range", "90d")
    chosen = chosen if chosen in RANGES else "90d"
    now = datetime.now(UTC)
    since = (now - timedelta(days=RANGES[chosen])).replace(hour=0, minute=0, second=0, microsecond=0)
    reads, filters = context(request).reads, Filters(since=since, until=now, tenants=caller.tenants)
    async with reads.reading() as db:
        documents = await person.memory(db, person_id, filters)
    await request.state.memory.reserve(documents)
    async with reads.snapshot() as db:
        found = await person.profile(db, person_id, filters)
    if found is None:
        raise Problem(
            404, "No archived call that you have access to has a participant with this id, address or number."
        )
    request.state.answered = len(found.calls)
    return await page(
        request,
        "person.html",
        nav="/people",
        person_id=person_id,
        now=now,
        profile=found,
        identity=asdict(found.identity),
        ranges=RANGES,
        chosen=chosen,
        counts=counts(found),
        patterns=patterns(found.diagnoses),
        chart=weeks_chart(found.days, since, now, person_id),
        calls=found.calls[: person.LISTED],
        has_single=any(len(uses) == 1 for uses in found.uses.values()),
        all_calls="/calls?" + urlencode({"q": person_id, "from": formatting.iso(since)}),
        DIMENSIONS=DIMENSIONS,
    )


def counts(profile: Profile) -> dict[str, int]:
    return {
        "calls": len(profile.calls),
        "poor": sum(call.quality == "poor" for call in profile.calls),
        "failed": sum(call.failed for call in profile.calls),
    }


def weeks_chart(days: Sequence[OnDay], since: datetime, until: datetime, person_id: str) -> Chart:
    """Calls of each week; those with a poor stream in red in front."""
    starts = [since + place * _WEEK for place in range(-(-(until - since) // _WEEK))]
    weeks = [_in(days, start) for start in starts]
    top, step = charts.top_of(max((calls for calls, _ in weeks), default=0), least=1)
    texts = [
        f"week of {start:%Y-%m-%d}: {formatting.count(calls, 'call')}, {poor} poor"
        for start, (calls, poor) in zip(starts, weeks, strict=True)
    ]
    links = [_link(start, person_id) for start in starts]
    all_ = [Value(calls, text, href=link) for (calls, _), text, link in zip(weeks, texts, links, strict=True)]
    poor_ = [
        Value(poor, text, "poor", f"{link}&quality=poor")
        for (_, poor), text, link in zip(weeks, texts, links, strict=True)
    ]
    return Chart(
        title="Calls per week",
        note="poor calls in red",
        summary=f"{formatting.count(sum(calls for calls, _ in weeks), 'call')}, {sum(poor for _, poor in weeks)} poor",
        bars=[*charts.bars(all_, top), *charts.bars(poor_, top)],
        y_ticks=charts.y_ticks(top, step),
        x_ticks=charts.time_ticks(starts, formatting.UTC_ZONE),
        heads=["Week of (UTC)", "Calls", "Poor calls"],
        rows=[
            [f"{start:%Y-%m-%d}", formatting.number(calls), formatting.number(poor)]
            for start, (calls, poor) in zip(starts, weeks, strict=True)
            if calls
        ],
    )


def _in(days: Sequence[OnDay], start: datetime) -> tuple[int, int]:
    mine = [day for day in days if start <= day.start < start + _WEEK]
    return sum(day.calls for day in mine), sum(day.poor_calls for day in mine)


def _link(start: datetime, person_id: str) -> str:
    return "/calls?" + urlencode({"q": person_id, "from": formatting.iso(start), "to": formatting.iso(start + _WEEK)})
