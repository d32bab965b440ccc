"""The kinds of values that settings have: types that read, check and write them, each saying what is wrong."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr
from pydantic_settings import NoDecode

from app.settings import checks
from app.settings.units import Rate, duration, rate, write_duration, write_rate


def _several(read: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    """What `read` makes of each, separated by commas, once."""

    def _read(value: Any) -> tuple[Any, ...]:
        named = value.split(",") if isinstance(value, str) else value or ()
        return tuple(dict.fromkeys(found for one in named if str(one).strip() for found in read(one)))

    return _read


def _some_tenant(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("names no tenant")
    return value


def _sign_in(value: str) -> tuple[str, ...]:
    if (way := value.strip().lower()) not in {"key", "entra"}:
        raise ValueError(f"{value.strip()} is neither key nor entra")
    return (way,)


def _some_way(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("names no way")
    return value


def _without_version(value: str) -> str:
    if value.endswith(("/v1.0", "/beta")):
        raise ValueError("is the root without version; the version is GRAPH_API_VERSION")
    return value


def _a_day(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        raise ValueError("must be at least 1d: younger calls still change")
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
Retention = Annotated[Duration, AfterValidator(_a_day)]
PerSeconds = Annotated[Rate, NoDecode, BeforeValidator(rate), PlainSerializer(write_rate)]
Guid = Annotated[str, AfterValidator(checks.guid)]
Tenants = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_several(lambda one: (checks.guid(one),))), AfterValidator(_some_tenant)
]
Audiences = Annotated[
    tuple[str, ...] | None,
    NoDecode,
    BeforeValidator(lambda value: _several(lambda one: checks.audience(one.strip()))(value) or None),
]
SignIns = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_several(_sign_in)),
    AfterValidator(_some_way),
    PlainSerializer(",".join),
]
Proxies = Annotated[
    tuple[checks.Network, ...] | None,
    NoDecode,
    BeforeValidator(lambda value: _several(lambda one: (checks.network(one),))(value) or None),
]
Root = Annotated[str, AfterValidator(checks.url)]
GraphRoot = Annotated[Root, AfterValidator(_without_version)]
ManagedIdentity = Annotated[str, AfterValidator(_identity)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
ReadableFile = Annotated[Path, AfterValidator(_readable)]
AnyCase = BeforeValidator(lambda value: value.strip().lower() if isinstance(value, str) else value)
