"""Checks of the database's content: its schema version, and whether there is an API key. Pure."""

from collections.abc import Sequence
from typing import Any

from app.db import schema_version
from app.doctor.finding import Check, failed, ok, warning
from app.settings.environment import Settings

MIGRATION, API_KEY = "migration", "api_key"


def migration(revision: str | None, newest: str) -> Check:
    """A newer schema is fine for an older program: migrations only add."""
    if schema_version.is_outdated(revision):
        found, _, _ = schema_version.outdated(revision).partition(": ")
        return failed(MIGRATION, found, "run `callkeeper migrate`")
    if revision != newest:
        found = f"revision {revision}, newer than this program needs ({newest}), which is fine"
        return ok(MIGRATION, found)
    return ok(MIGRATION, f"revision {revision}, the newest")


def api_key(settings: Settings, keys: Sequence[dict[str, Any]]) -> Check:
    """``keys`` are the keys in the database, including revoked ones."""
    valid = sum(1 for key in keys if key["revoked_at"] is None)
    ways = [f"{valid} key{'s' if valid > 1 else ''} in the database"] if valid else []
    ways += ["API_KEY"] if settings.api_key else []
    ways += ["Entra ID tokens (API_AUDIENCE)"] if settings.api_audience else []
    if ways:
        return ok(API_KEY, f"the read API accepts {', '.join(ways)}")
    found = "there is none: the read API answers 401 to every request"
    return warning(API_KEY, found, "run `callkeeper keys create NAME`, or set API_KEY")
