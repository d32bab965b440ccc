"""The parameters of a query, beyond what FastAPI checks of each."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from fastapi import Request
from fastapi.dependencies.models import Dependant

from app import ids
from app.archive.parse import convert
from app.archive.parse.identities import numbers
from app.ids import TenantId
from app.settings.units import duration
from app.web import unknown_parameters
from app.web.problems import Problem


def refuse_unknown(request: Request) -> None:
    """A 400 problem for parameters that are not the route's."""
    unknown_parameters.refuse(request.query_params, _known(request.scope["route"].dependant))


def _known(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for below in dependant.dependencies:
        yield from _known(below)


def tenant_id(tenant: UUID | None) -> TenantId | None:
    return None if tenant is None else ids.tenant_id(tenant)


def moment(name: str, value: str | None) -> datetime | None:
    """A time in UTC; without an offset it is taken as UTC. Otherwise a 422 problem."""
    if value is None:
        return None
    try:
        # A bare + arrives as a blank.
        parsed = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(422, f"{name}: {value[:50]!r} is not a time such as 2026-01-31T09:00:00Z.") from None


def telephone_number(name: str, value: str | None) -> str | None:
    """The text, if it asks for a telephone number or a prefix; otherwise a 422 problem."""
    if value is not None and numbers.asked(value) is None:
        problem = f"{name}: write digits, with or without + or 00; a prefix such as +41* ends in *."
        raise Problem(422, problem)
    return value


def seconds(name: str, value: str | None) -> float | None:
    """Seconds of ``90``, ``5m`` or ``PT5M``; otherwise a 422 problem."""
    if value is None:
        return None
    written = value.strip()
    if written.isascii() and written.isdecimal() and len(written) < 10:
        return float(written)
    if (length := convert.seconds(written)) is not None and length >= 0:
        return length
    try:
        return float(duration(written).total_seconds())
    except ValueError:
        problem = f"{name}: {value[:50]!r} is not a duration; write seconds (90), or 5m, 2h, PT5M."
        raise Problem(422, problem) from None
