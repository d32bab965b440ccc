"""An uploaded list of sites: read within bounds, checked, and imported; for the API and the page."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from app.archive.sites import imports
from app.archive.sites.files import address_lists, building_file
from app.archive.sites.files.delimited import FileRefused
from app.archive.sites.site_map import Period
from app.db import Database
from app.web.auth.callers import Caller
from app.web.problems import Problem

KINDS = ("buildings", "egress", "access_points")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What was sent beside the list."""

    kind: str = "buildings"
    period: Period = field(default_factory=Period)
    allow_overlap: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was found in the list, and the key of the file that it became."""

    kind: str
    rows: int = 0
    sites: int = 0
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    file: int | None = None
    is_new: bool = False
    dry_run: bool = False


def may_change(caller: Caller) -> None:
    """The lists are for all tenants and sites."""
    if caller.tenants is not None or caller.sites is not None:
        raise Problem(403, "The lists of sites are for all tenants; this needs a key without restriction.")


def asked(given: Mapping[str, str]) -> Upload:
    """What the fields say; a Problem for a value that is wrong."""
    kind = given.get("kind") or "buildings"
    if kind not in KINDS:
        raise Problem(422, f"kind: {kind[:50]!r} is not one of {', '.join(KINDS)}.")
    first, last = (_day(name, given.get(name, "")) for name in ("valid_from", "valid_to"))
    if first and last and last < first:
        raise Problem(422, "valid_to: it must not be before valid_from.")
    flags = {name: given.get(name, "").lower() in ("1", "true", "on") for name in ("allow_overlap", "dry_run")}
    return Upload(kind=kind, period=Period(first, last), **flags)


async def take(database: Database, content: bytes, upload: Upload) -> Outcome:
    """Check the list, and import it unless it is refused or only to be checked."""
    try:
        parsed, outcome = await asyncio.to_thread(_parsed, content, upload)
    except FileRefused as refused:
        return Outcome(kind=upload.kind, problems=refused.problems, dry_run=upload.dry_run)
    if upload.dry_run:
        return Outcome(**outcome, dry_run=True)
    now = datetime.now(UTC)
    async with database.begin() as db:
        match upload.kind:
            case "buildings":
                imported = await imports.add_buildings(db, parsed, upload.period, now)
            case "egress":
                imported = await imports.add_egress(db, parsed, now)
            case _:
                imported = await imports.add_access_points(db, parsed, now)
    return Outcome(**outcome, file=imported.key, is_new=imported.is_new)


def _parsed(content: bytes, upload: Upload) -> tuple[Any, dict[str, Any]]:
    if upload.kind == "buildings":
        found = building_file.read(content, allow_overlap=upload.allow_overlap)
        sites = len({row.site for row in found.rows})
        return found.rows, {"kind": upload.kind, "rows": len(found.rows), "sites": sites, "warnings": found.warnings}
    rows: Any = address_lists.egress(content) if upload.kind == "egress" else address_lists.access_points(content)
    return rows, {"kind": upload.kind, "rows": len(rows)}


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem(422, f"{name}: {text[:50]!r} is not a date such as 2026-01-31.") from None
