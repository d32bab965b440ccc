"""Checks of the database's content: its schema version, and whether there is an API key. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.db import schema_version
from app.doctor.finding import Check, failed, ok, warning
from app.health.durations import counted
from app.settings.environment import Settings

MIGRATION, API_KEY = "migration", "api_key"
EXPIRES_SOON = timedelta(days=14)


def migration(revision: str | None, newest: str) -> Check:
    """A newer schema is fine for an older program: migrations only add."""
    if schema_version.is_outdated(revision):
        found, _, _ = schema_version.outdated(revision).partition(": ")
        return failed(MIGRATION, found, "run `callkeeper migrate`")
    if revision != newest:
        found = f"revision {revision}, newer than this program needs ({newest}), which is fine"
        return ok(MIGRATION, found)
    return ok(MIGRATION, f"revision {revision}, the newest")


def api_key(settings: Settings, keys: Sequence[dict[str, Any]], now: datetime) -> Check:
    """``keys`` are the keys in the database, including revoked and expired ones."""
    valid = [
        key for key in keys if key["revoked_at"] is None and (key["expires_at"] is None or key["expires_at"] > now)
    ]
    if ending := [key for key in valid if key["expires_at"] and key["expires_at"] < now + EXPIRES_SOON]:
        found = ", ".join(f"{key['name']} expires on {key['expires_at']:%Y-%m-%d %H:%M} UTC" for key in ending)
        remedy = (
            "create another key with `callkeeper keys create NAME`, replace it where it is used, then revoke this one"
        )
        return warning(API_KEY, found, remedy)
    ways = [f"{counted(len(valid), 'key')} in the database"] if valid else []
    ways += ["API_KEY"] if settings.api_key else []
    ways += ["Entra ID tokens (API_AUDIENCE)"] if settings.api_audience else []
    if ways:
        return ok(API_KEY, f"the read API accepts {', '.join(ways)}")
    found = "there is none: the read API answers 401 to every request"
    return warning(API_KEY, found, "run `callkeeper keys create NAME`, or set API_KEY")
