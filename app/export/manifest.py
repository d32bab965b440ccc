"""What an export wrote, as JSON beside it: of each table and day the rows, and what the day was like then."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from app.export.days import State
from app.export.folder import ExportError, whole

FILE = "_manifest.json"  # readers of datasets pass over names that begin with _
LAYOUT = 1  # of folders, files and columns; an export with another layout is written again


@dataclass(frozen=True, slots=True)
class Written:
    """One table's file of one day."""

    rows: int
    bytes: int
    state: State


@dataclass(slots=True)
class Manifest:
    format: str
    tenant: str | None = None
    """The only one in the folder; None where all tenants are."""
    columns: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, dict[str, Written]] = field(default_factory=dict)

    def is_current(self, table: str, day: str, state: State, columns: list[str]) -> bool:
        """Whether the table's file of this day holds what the archive has."""
        written = self.tables.get(table, {}).get(day)
        return written is not None and written.state == state and self.columns.get(table) == columns

    def note(self, table: str, day: str, written: Written) -> None:
        self.tables.setdefault(table, {})[day] = written

    def forget(self, table: str, day: str) -> None:
        self.tables.get(table, {}).pop(day, None)


def read(folder: Path, form: str, tenant: str | None = None) -> Manifest:
    """That of the last export into this folder; an empty one where there was none."""
    found = _last(folder)
    if found is None:
        return Manifest(form, tenant)
    if found.format != form:
        raise ExportError(f"{folder} holds an export as {found.format}; name another --out for {form}")
    if found.tenant != tenant:
        holds, wanted = (f"tenant {one}" if one else "all tenants" for one in (found.tenant, tenant))
        raise ExportError(f"{folder} holds an export of {holds}; name another --out for {wanted}")
    return found


def tenant_of(folder: Path) -> str | None:
    """The only tenant of the last export into this folder; None too where its manifest cannot be read."""
    with suppress(ExportError):
        found = _last(folder)
        return found.tenant if found else None
    return None


def _last(folder: Path) -> Manifest | None:
    """That of the last export, whatever it has; without tables where they had another layout."""
    file = folder / FILE
    if not file.exists():
        return None
    try:
        found = orjson.loads(file.read_bytes())
        known = Manifest(found["format"], found.get("tenant"))
        if found["layout"] != LAYOUT:
            return known
        for name, table in found["tables"].items():
            known.columns[name], known.tables[name] = table["columns"], _days(table)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExportError(f"{file} is not a manifest of an export; remove it to export everything again") from error
    return known


def write(folder: Path, manifest: Manifest) -> None:
    tables = {
        name: {"columns": manifest.columns[name], "days": {day: _day(w) for day, w in sorted(days.items())}}
        for name, days in sorted(manifest.tables.items())
    }
    stored = [w.state.stored_until for days in manifest.tables.values() for w in days.values()]
    content = {
        "layout": LAYOUT,
        "format": manifest.format,
        "tenant": manifest.tenant,
        "exported_at": datetime.now(UTC),
        "stored_until": max(stored, default=None),
        "tables": tables,
    }
    with whole(folder / FILE) as file:
        file.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))


def _day(written: Written) -> dict[str, Any]:
    return {"rows": written.rows, "bytes": written.bytes, **written.state._asdict()}


def _days(table: dict[str, Any]) -> dict[str, Written]:
    return {day: Written(w["rows"], w["bytes"], _state(w)) for day, w in table["days"].items()}


def _state(day: dict[str, Any]) -> State:
    return State(day["calls"], day["revisions"], datetime.fromisoformat(day["stored_until"]))
