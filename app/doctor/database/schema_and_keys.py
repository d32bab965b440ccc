"""What the database must hold before the work can begin: its schema, and a key for those who read; pure."""

from collections.abc import Sequence
from typing import Any

from app.db import schema_version
from app.doctor.finding import Check, failed, ok, warning
from app.settings.environment import Settings

MIGRATION, API_KEY = "migration", "api_key"


def migration(revision: str | None, newest: str) -> Check:
    """A newer database serves an older program, too: migrations only add."""
    if schema_version.is_outdated(revision):
        found, _, _ = schema_version.outdated(revision).partition(": ")
        return failed(MIGRATION, found, "run `callkeeper migrate`")
    if revision != newest:
        found = f"revision {revision}; this program knows {newest}, and a newer database serves it, too"
        return ok(MIGRATION, found)
    return ok(MIGRATION, f"revision {revision}, the newest")


def api_key(settings: Settings, keys: Sequence[dict[str, Any]]) -> Check:
    """``keys`` are those of the database, revoked ones included."""
    valid = sum(1 for key in keys if key["revoked_at"] is None)
    ways = [f"{valid} key{'s' if valid > 1 else ''} in the database"] if valid else []
    ways += ["API_KEY"] if settings.api_key else []
    ways += ["Entra ID tokens (API_AUDIENCE)"] if settings.api_audience else []
    if ways:
        return ok(API_KEY, f"the read API takes {', '.join(ways)}")
    found = "there is none: the read API answers 401 to everybody"
    return warning(API_KEY, found, "run `callkeeper keys create NAME`, or set API_KEY")
