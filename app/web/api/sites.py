"""`/api/sites`: how the calls of each building went, unmapped subnets, and the lists that calls are matched with."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from app.archive.queries.filters import Filters
from app.archive.sites import changes, imports, overview, unmapped_subnets
from app.archive.sites.overview import Site
from app.web.api import site_uploads
from app.web.api.parameters import moment, refuse_unknown
from app.web.api.site_uploads import Outcome
from app.web.auth.callers import Admin, Reader
from app.web.context import context
from app.web.problems import Problem

router = APIRouter(prefix="/api", tags=["sites"])

USUAL = timedelta(days=28)
LONGEST = timedelta(days=800)


class Network(BaseModel):
    network: str = Field(description="As 10.20.4.0/24.")
    network_name: str
    inside: bool
    vpn: bool
    line: int = Field(description="Of the building file.")


class SiteFigures(BaseModel):
    """One site in the range. Days are complete days in UTC."""

    site: str = Field(description="BuildingName.")
    city: str | None
    country: str | None
    region: str | None
    inside: bool | None = Field(description="Null for a site that is not in today's file.")
    calls: int
    poor_calls: int
    streams: int
    rated_streams: int = Field(description="Good or poor.")
    poor_streams: int
    poor_share: float | None = Field(description="Of the rated streams, 0 to 1; null where none was rated.")
    poor_share_before: float | None = Field(description="The same of the four weeks before the range.")
    people_affected: int = Field(description="Different people with poor streams there.")
    networks: list[Network]


class UnmappedSubnet(BaseModel):
    subnet: str
    streams: int = Field(description="Audio streams of the own people.")
    rated_streams: int
    poor_streams: int
    calls: int
    common: bool = Field(description="Homes and telephones use it all over the world.")


class SiteFile(BaseModel):
    key: int
    kind: Literal["buildings", "egress", "access_points"]
    imported_at: datetime
    valid_from: str | None
    valid_to: str | None
    rows: int


class Sites(BaseModel):
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")
    items: list[SiteFigures] = Field(description="The worst first: by the lower end of the confidence interval.")
    unmapped: list[UnmappedSubnet] = Field(description="Subnets with 10 audio streams or more that are in no file.")
    files: list[SiteFile] = Field(description="The lists in use, the one that was imported last first.")
    calls_to_match: int = Field(description="Archived calls that are still to be matched with changed lists.")
    conflicts: int = Field(
        description="Ends whose subnet and address are in different rows: the client's mask is wider than the file's."
    )


class Imported(BaseModel):
    kind: Literal["buildings", "egress", "access_points"]
    rows: int
    sites: int
    warnings: list[str]
    file: int | None = Field(description="Its key; null after a dry run.")
    is_new: bool = Field(description="False where the newest list of the kind has the same rows already.")
    dry_run: bool


class Removed(BaseModel):
    removed: int = Field(description="The key of the file.")


@router.get("/sites", summary="Sites, the worst first", response_model=Sites)
async def list_sites(
    request: Request,
    caller: Reader,
    *,
    since: Annotated[
        str | None, Query(alias="from", description="First start, ISO 8601; 28 days before `to` if not given.")
    ] = None,
    until: Annotated[str | None, Query(alias="to", description="Before this start; now if not given.")] = None,
) -> dict[str, Any]:
    """Each site with its quality, the four weeks before, people affected and networks."""
    refuse_unknown(request)
    now = datetime.now(UTC)
    last = moment("to", until) or now
    first = moment("from", since) or last - USUAL
    if not timedelta() < last - first <= LONGEST:
        raise Problem(422, f"from, to: the range is more than nothing and at most {LONGEST.days} days.")
    filters = Filters(since=first, until=last, tenants=caller.tenants)
    sees_all = caller.sites is None
    async with context(request).reads.reading() as db:
        found = await overview.worst_first(db, filters, now.date(), caller.sites)
        unmapped = await unmapped_subnets.read(db, filters) if sees_all else []
        files = await imports.listed(db) if sees_all else []
        open_calls = await changes.count(db) if sees_all and caller.tenants is None else 0
        conflicts = await overview.conflicts(db) if sees_all and caller.tenants is None else 0
    request.state.answered = len(found)
    return {
        "from": first,
        "to": last,
        "items": [figures(one) for one in found],
        "unmapped": [_unmapped(one.as_json()) for one in unmapped],
        "files": [row | {"rows": row["row_count"]} for row in files],
        "calls_to_match": open_calls,
        "conflicts": conflicts,
    }


@router.post("/sites", summary="Import a list of sites", response_model=Imported)
async def import_sites(
    request: Request,
    caller: Admin,
    *,
    kind: Annotated[
        Literal["buildings", "egress", "access_points"],
        Query(description="CQD's building file, public egress ranges, or names of access points."),
    ] = "buildings",
    valid_from: Annotated[str | None, Query(description="First day on which a building file is valid.")] = None,
    valid_to: Annotated[str | None, Query(description="Last day on which a building file is valid.")] = None,
    allow_overlap: Annotated[bool, Query(description="The longest prefix decides.")] = False,
    dry_run: Annotated[bool, Query(description="Only check the list; change nothing.")] = False,
) -> dict[str, Any]:
    """The body is the file: CSV or TSV, at most 2 MiB; larger ones are imported with `callkeeper sites import`."""
    refuse_unknown(request)
    site_uploads.may_change(caller)
    upload = site_uploads.asked(
        {
            "kind": kind,
            "valid_from": valid_from or "",
            "valid_to": valid_to or "",
            "allow_overlap": str(allow_overlap),
            "dry_run": str(dry_run),
        }
    )
    here = context(request)
    async with here.lists.read(request) as body:
        outcome = await site_uploads.take(here.database, bytes(body), upload)
    return asdict(_accepted(outcome))


@router.delete("/sites/{file}", summary="Remove an imported list", response_model=Removed)
async def remove_sites(
    request: Request,
    file: Annotated[int, Path(ge=1, le=2**63 - 1, description="The key of the file.")],
    caller: Admin,
) -> dict[str, int]:
    """Calls are matched with the lists that are left."""
    refuse_unknown(request)
    site_uploads.may_change(caller)
    async with context(request).database.begin() as db:
        if not await imports.remove(db, file, datetime.now(UTC)):
            raise Problem(404, f"There is no list {file}.")
    return {"removed": file}


def figures(one: Site) -> dict[str, Any]:
    counts, known = one.counts, one.described
    return {
        "site": one.site,
        **{name: known.get(name) or None for name in ("city", "country", "region")},
        "inside": known.get("inside"),
        "calls": counts.calls,
        "poor_calls": counts.poor_calls,
        "streams": counts.streams,
        "rated_streams": counts.judged,
        "poor_streams": counts.poor,
        "poor_share": counts.share,
        "poor_share_before": one.before.share,
        "people_affected": one.people_affected,
        "networks": known.get("networks", []),
    }


def _unmapped(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"rated_streams": one["judged"], "poor_streams": one["poor"]}


def _accepted(outcome: Outcome) -> Outcome:
    if outcome.problems:
        raise Problem(422, "; ".join(outcome.problems) + ".")
    return outcome
