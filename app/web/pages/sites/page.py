"""The page of sites: the worst first, one site with its networks and access points, and the upload of lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.archive.daily import confidence, streams_per_day
from app.archive.people import site_profile
from app.archive.people.comparison import Use
from app.archive.queries.filters import Filters
from app.archive.sites import changes, imports, overview, unmapped_subnets
from app.archive.sites.overview import Site
from app.web import unknown_parameters
from app.web.api import site_uploads
from app.web.api.site_uploads import Outcome
from app.web.auth.callers import Admin, Caller, Reader
from app.web.auth.page_paths import back
from app.web.context import context
from app.web.pages.shared import formatting, forms
from app.web.pages.shared.dimension_names import DIMENSIONS
from app.web.pages.shared.render import page
from app.web.pages.sites import multipart
from app.web.problems import Problem

router = APIRouter(include_in_schema=False)

RANGES = {"7d": 7, "28d": 28, "90d": 90}  # days
USUAL = "28d"
SHOWN = 20  # values of a dimension on the page of one site
USED = ("network", "subnet", "access_point", "wifi_band", "connection_type", "device")
LINKED = ("network", "subnet", "access_point")  # of one building each: their calls are those that the page counted
POINTS = 0.005  # a share that differs by less than half a point did not change


@dataclass(frozen=True, slots=True)
class Row:
    """One site with the links to its calls."""

    site: Site
    trend: str
    href: str
    """To the site's own page."""
    calls: str
    """To its calls on the days that were counted."""


@router.get("/sites")
async def sites(request: Request, caller: Reader) -> Response:
    """All sites, or one with what its people used."""
    unknown_parameters.refuse(request.query_params, ("range", "site", "done"))
    return await _shown(request, caller)


@router.post("/sites")
async def upload(request: Request, caller: Admin) -> Response:
    """Check or import an uploaded list. What was found is shown on the page; an import redirects to it."""
    site_uploads.may_change(caller)
    here = context(request)
    if not multipart.is_one(request.headers.get("content-type", "")):
        await forms.sent(request)
        raise Problem(415, "The form was not sent as multipart/form-data.")
    async with here.lists.read(request) as body:
        form = multipart.read(request.headers.get("content-type", ""), bytes(body))
        await forms.check(request, form.fields)
        content = form.files.get("file", b"")
        outcome = await site_uploads.take(here.database, content, site_uploads.asked(form.fields))
    if outcome.problems or outcome.dry_run:
        return await _shown(request, caller, outcome, status=422 if outcome.problems else 200)
    return back(request, f"/sites?done={'imported' if outcome.is_new else 'same'}")


@router.post("/sites/{file}/remove")
async def remove(request: Request, file: str, caller: Admin) -> Response:
    """Stop using a list."""
    site_uploads.may_change(caller)
    await forms.sent(request)
    key = int(file) if file.isascii() and file.isdecimal() and len(file) < 19 else 0
    async with context(request).database.begin() as db:
        if not key or not await imports.remove(db, key, datetime.now(UTC)):
            raise Problem(404, "There is no such list. It may have been removed in the meantime.")
    return back(request, "/sites?done=removed")


async def _shown(request: Request, caller: Caller, outcome: Outcome | None = None, *, status: int = 200) -> Response:
    query = request.query_params if outcome is None else {}
    chosen = query.get("range", USUAL) if query.get("range", USUAL) in RANGES else USUAL
    now = datetime.now(UTC)
    filters = Filters(since=now - timedelta(days=RANGES[chosen] - 1), until=now, tenants=caller.tenants)
    wanted = query.get("site")
    sees_all = caller.sites is None
    is_unlimited = sees_all and caller.tenants is None
    async with context(request).reads.reading() as db:
        only = [wanted] if wanted is not None and (sees_all or wanted in (caller.sites or ())) else caller.sites
        found = await overview.worst_first(db, filters, now.date(), only)
        if wanted is not None and wanted not in {one.site for one in found}:
            raise Problem(404, "No site has this name in the building file or in calls of this period.")
        values = {
            "unmapped": await unmapped_subnets.read(db, filters) if sees_all and wanted is None else [],
            "files": await imports.listed(db) if is_unlimited else [],
            "calls_to_match": await changes.count(db) if is_unlimited else 0,
            "conflicts": await overview.conflicts(db) if is_unlimited else 0,
            "profile": await _profile(db, wanted, filters, caller) if wanted is not None else None,
        }
    request.state.answered = len(found)
    days = streams_per_day.whole_days(filters)
    return await page(
        request,
        "sites.html",
        nav="/sites",
        status=status,
        ranges=RANGES,
        chosen=chosen,
        wanted=wanted,
        rows=[_row(one, days, chosen) for one in found],
        outcome=outcome,
        done=query.get("done"),
        may_change=caller.scope == "admin" and is_unlimited,
        calls_of=lambda dimension, value: _calls(days, {dimension: value} | ({"site": wanted} if wanted else {})),
        DIMENSIONS=DIMENSIONS,
        worst_first=_worst_first,
        USED=USED,
        LINKED=LINKED,
        SHOWN=SHOWN,
        **values,
    )


async def _profile(db: Any, site: str, filters: Filters, caller: Caller) -> site_profile.Profile:
    of_site = Filters(since=filters.since, until=filters.until, site=site, **caller.limits)
    return await site_profile.profile(db, site, of_site)


def _worst_first(uses: Iterable[Use]) -> list[Use]:
    """By the lower end of the interval of the share of poor streams, as sites are."""

    def surely_poor(use: Use) -> float:
        return 0.0 if use.share is None else confidence.wilson(use.share, len(use.judged_calls)).low

    return sorted(uses, key=lambda use: (-surely_poor(use), -use.judged, use.value))


def _row(one: Site, days: Filters, chosen: str) -> Row:
    href = "/sites?" + urlencode({"range": chosen, "site": one.site})
    return Row(one, _trend(one), href, _calls(days, {"site": one.site}))


def _trend(one: Site) -> str:
    """How the share of poor streams changed against the four weeks before."""
    now, before = one.counts.share, one.before.share
    if now is None or before is None:
        return "no comparison"
    if abs(now - before) < POINTS:
        return f"unchanged from {formatting.share(before, 1)}"
    return f"{'up' if now > before else 'down'} from {formatting.share(before, 1)}"


def _calls(days: Filters, values: Mapping[str, str]) -> str:
    return "/calls?" + urlencode({"from": formatting.iso(days.since), "to": formatting.iso(days.until), **values})
