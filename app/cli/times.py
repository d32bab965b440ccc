"""Times in the options of commands: a duration back from now, or an ISO 8601 time."""

from datetime import UTC, datetime

import typer

from app.settings import units


def span(since: str | None, until: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Start (inclusive) and end (exclusive); a usage error names the option that is wrong."""
    begin, end = moment(since, "--since", now), moment(until, "--until", now)
    if begin is not None and end is not None and end <= begin:
        raise typer.BadParameter("must be later than --since", param_hint="--until")
    return begin, end


def moment(text: str | None, option: str, now: datetime) -> datetime | None:
    """A time without an offset is UTC."""
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
