"""The types of settings: each parses, checks and serialises its values, and says what is wrong with a value."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr
from pydantic_settings import NoDecode

from app import ids
from app.ids import TenantId
from app.settings import checks, units
from app.settings.units import Rate, duration, rate, write_duration, write_rate


def _comma_separated(parse: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    """A parser for values separated by commas: each goes through ``parse``; duplicates are removed."""

    def _parse(value: Any) -> tuple[Any, ...]:
        items = value.split(",") if isinstance(value, str) else value or ()
        return tuple(dict.fromkeys(found for item in items if str(item).strip() for found in parse(item)))

    return _parse


def _at_least_one_tenant(value: tuple[TenantId, ...]) -> tuple[TenantId, ...]:
    if not value:
        raise ValueError("contains no tenant id")
    return value


def _sign_in(value: str) -> tuple[str, ...]:
    if (method := value.strip().lower()) not in {"key", "entra"}:
        raise ValueError(f"{value.strip()} is neither key nor entra")
    return (method,)


def _at_least_one_method(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("contains neither key nor entra")
    return value


def _without_version(value: str) -> str:
    if value.endswith(("/v1.0", "/beta")):
        raise ValueError("must be the root without the version; set the version in GRAPH_API_VERSION")
    return value


def _at_least_a_day(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        raise ValueError("must be at least 1d: younger calls still change")
    return value


def _at_least_one_day(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        raise ValueError("must be at least 1d")
    return value


def _readable(value: Path) -> Path:
    if not value.is_file():
        raise ValueError(f"{value} is not a file")
    return value


def _database(value: SecretStr) -> SecretStr:
    checks.database_url(value.get_secret_value())
    return value


def _identity(value: str) -> str:
    if value.strip().lower() == "system":
        return "system"
    try:
        return checks.guid(value)
    except ValueError:
        raise ValueError("is neither system nor a client id (a GUID)") from None


Duration = Annotated[timedelta, BeforeValidator(duration), PlainSerializer(write_duration)]
Retention = Annotated[Duration, AfterValidator(_at_least_a_day)]
AuditRetention = Annotated[Duration, AfterValidator(_at_least_one_day)]
DetailRows = Annotated[
    units.DetailRows, NoDecode, BeforeValidator(units.detail_rows), PlainSerializer(units.DetailRows.written)
]
Channels = Annotated[dict[str, int], NoDecode, BeforeValidator(units.channels), PlainSerializer(units.write_channels)]
PerSeconds = Annotated[Rate, NoDecode, BeforeValidator(rate), PlainSerializer(write_rate)]
Guid = Annotated[str, AfterValidator(checks.guid)]
Tenants = Annotated[
    tuple[TenantId, ...],
    NoDecode,
    BeforeValidator(_comma_separated(lambda one: (ids.tenant_id(checks.guid(one)),))),
    AfterValidator(_at_least_one_tenant),
]
Audiences = Annotated[
    tuple[str, ...] | None,
    NoDecode,
    BeforeValidator(lambda value: _comma_separated(lambda one: checks.audience(one.strip()))(value) or None),
]
SignIns = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_comma_separated(_sign_in)),
    AfterValidator(_at_least_one_method),
    PlainSerializer(",".join),
]
Networks = Annotated[
    tuple[checks.Network, ...] | None,
    NoDecode,
    BeforeValidator(lambda value: _comma_separated(lambda one: (checks.network(one),))(value) or None),
]
Proxies = Networks
Root = Annotated[str, AfterValidator(checks.url)]
GraphRoot = Annotated[Root, AfterValidator(_without_version)]
ManagedIdentity = Annotated[str, AfterValidator(_identity)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
ReadableFile = Annotated[Path, AfterValidator(_readable)]
AnyCase = BeforeValidator(lambda value: value.strip().lower() if isinstance(value, str) else value)
