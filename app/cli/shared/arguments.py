"""The times and ids that commands take as text."""

from datetime import UTC, datetime

import typer

from app import ids
from app.ids import CallId, TenantId
from app.settings import units
from app.settings.environment import Settings


def span(since: str | None, until: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Start (inclusive) and end (exclusive) of two times; a usage error names the option that is wrong."""
    begin, end = moment(since, "--since", now), moment(until, "--until", now)
    if begin is not None and end is not None and end <= begin:
        raise typer.BadParameter("must be later than --since", param_hint="--until")
    return begin, end


def moment(text: str | None, option: str, now: datetime) -> datetime | None:
    """A duration back from now, or an ISO 8601 time; without an offset it is UTC."""
    if text is None:
        return None
    try:
        return now - units.duration(text)  # type: ignore[no-any-return]
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        wrong = f"{text!r} is neither a duration such as 7d nor a time such as 2026-01-31T09:00:00Z"
        raise typer.BadParameter(wrong, param_hint=option) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def tenant(settings: Settings, text: str) -> TenantId:
    """One of the configured tenants; any GUID where none is configured."""
    if ids.guid(text) is None:
        raise typer.BadParameter(f"{text!r} is not a GUID", param_hint="--tenant")
    tenant_id = ids.tenant_id(text)
    if settings.azure_tenant_id and tenant_id not in settings.azure_tenant_id:
        raise typer.BadParameter(f"{text} is not in AZURE_TENANT_ID", param_hint="--tenant")
    return tenant_id


def call(text: str) -> CallId:
    if ids.guid(text) is None:
        raise typer.BadParameter(f"{text!r} is not a GUID", param_hint="ID")
    return ids.call_id(text)
