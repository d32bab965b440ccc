"""A tenant's state as JSON: the same names in `/api/status` and `callkeeper status --json`."""

from datetime import UTC, datetime
from typing import Any

from app.fetch.reconciliation.progress import Progress
from app.health.tenant import Tenant
from app.telephony.sync import overview


def as_json(state: Tenant) -> dict[str, Any]:
    """Times are datetimes, None if there is no value yet."""
    depth, normal, now = state.depth, state.normal_silence, datetime.now(UTC)
    return {
        "tenant_id": state.tenant_id,
        "subscription": {
            "id": state.subscription_id,
            "expires_at": state.expires_at,
            "live": state.expires_at is not None,
            "problem": state.problem,
        },
        "last_notification": state.notified_at,
        "last_record_kept": state.stored_at,
        "records_stored": state.stored_total,
        "last_reconciliation": state.reconciled_at,
        "sweeps": [_sweep(sweep, now) for sweep in state.sweeps],
        "call_logs": [overview.as_json(log) for log in state.call_logs],
        "unnotified_calls": state.unnotified_total,
        "normal_silence_seconds": normal.total_seconds() if normal is not None else None,
        "held_until": state.throttled_until,
        "refused_since": state.refused_since,
        "refused_check_at": state.refused_check_at,
        "inbox": {name: getattr(depth, name) for name in ("due", "failed", "expired")},
        "never_available": depth.never_available,
        "oldest_due": depth.oldest_due,
        "nearest_deadline": depth.nearest_deadline,
    }


def _sweep(sweep: Progress, now: datetime) -> dict[str, Any]:
    names = ("kind", "begun_at", "since", "until", "position", "listed", "queued", "updated_at", "ended_at", "refusal")
    return {name: getattr(sweep, name) for name in names} | {"share": round(sweep.share(now), 4)}
