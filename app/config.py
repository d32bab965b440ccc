"""Settings: every variable, its default, its unit. Made once, at the edge, and handed down."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app import values
from app.units import Rate, duration, rate, write_duration, write_rate

Duration = Annotated[timedelta, BeforeValidator(duration), PlainSerializer(write_duration)]
PerSeconds = Annotated[Rate, NoDecode, BeforeValidator(rate), PlainSerializer(write_rate)]


class SettingsError(Exception):
    """What is wrong with which variable, and an example, in one line."""


def load(**given: Any) -> "Settings":
    """Read the environment and ``.env``; raises SettingsError."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(dict(e)) for e in error.errors(include_input=False))) from None


def _explain(error: dict[str, Any]) -> str:
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ")
    name = str(error["loc"][0])
    wrong = "is missing" if error["type"] == "missing" else str(error["msg"]).removeprefix("Value error, ")
    example = (Settings.model_fields[name].examples or [""])[0]
    return f"{name.upper()}: {wrong} (for example {name.upper()}={example})"


class Settings(BaseSettings):
    """What an operator can set, in the environment or in ``.env``. An empty variable counts as not set."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, frozen=True
    )

    azure_tenant_id: Annotated[tuple[str, ...], NoDecode] = Field(
        description="Tenant GUID, or several separated by commas.",
        examples=["00000000-0000-0000-0000-000000000000"],
    )
    azure_client_id: str = Field(
        description="The app registration (its application id).", examples=["00000000-0000-0000-0000-000000000000"]
    )
    azure_client_secret: SecretStr | None = Field(
        None, description="One of these four credentials: the app's client secret…", examples=["a-client-secret"]
    )
    azure_client_certificate_path: Path | None = Field(
        None, description="…or its certificate with private key, PEM or PFX…", examples=["/run/secrets/app.pem"]
    )
    azure_client_certificate_password: SecretStr | None = Field(
        None, description="(the password of that file, if it has one)", examples=["a-password"]
    )
    azure_federated_token_file: Path | None = Field(
        None,
        description="…or a workload identity's token, read again at each use…",
        examples=["/var/run/secrets/azure/tokens/azure-identity-token"],
    )
    azure_managed_identity: str | None = Field(
        None, description="…or a managed identity: system, or a client id.", examples=["system"]
    )
    azure_authority_host: str | None = Field(
        None,
        description="Login host, by default the cloud's. One that is not Microsoft's goes without instance discovery.",
        examples=["https://login.microsoftonline.com"],
    )
    graph_cloud: Literal["global", "usgov", "usgovdod", "china"] = Field(
        "global", description="global (and GCC), usgov (GCC High), usgovdod (DoD) or china.", examples=["usgov"]
    )
    graph_base_url: str | None = Field(
        None,
        description="Graph's root without version, by default the cloud's. Plain http only for a loopback host.",
        examples=["https://localhost:9443"],
    )
    graph_api_version: Literal["v1.0", "beta"] = Field("v1.0", description="v1.0 or beta.", examples=["beta"])
    public_url: str = Field(
        description="Where Graph reaches this service. Plain http only for a loopback host.",
        examples=["https://callkeeper.example.com"],
    )
    database_url: SecretStr = Field(
        SecretStr("sqlite:///data/callkeeper.db"),
        description="SQLite file, or postgresql://user:password@host/db.",
        examples=["postgresql://user:password@host/db"],
    )
    api_key: SecretStr | None = Field(
        None,
        description="One static admin key for the read API. Without any key that API answers 401 to everybody.",
        examples=["a-long-random-text"],
    )
    api_audience: Annotated[tuple[str, ...] | None, NoDecode] = Field(
        None,
        description="For whom Entra ID tokens must be issued to be taken as keys: the application id or its URI, or "
        "several separated by commas. Unset, no token is taken.",
        examples=["api://00000000-0000-0000-0000-000000000000"],
    )
    trusted_proxies: Annotated[tuple[values.Network, ...] | None, NoDecode] = Field(
        None,
        description="Addresses or networks of the proxies before this service, separated by commas: what they write "
        "into X-Forwarded-Proto, X-Forwarded-Host, X-Forwarded-Port and X-Forwarded-Prefix is believed.",
        examples=["10.0.0.5,192.168.0.0/24"],
    )
    worker_concurrency: int = Field(16, ge=1, le=256, description="Fetches in flight in one worker.", examples=["16"])
    graph_rate: PerSeconds = Field(Rate(1500, 20), description="Requests to Graph per tenant.", examples=["1500/20s"])
    reconcile_every: Duration = Field(
        timedelta(hours=1),
        description="How often Graph's list is swept for calls nobody told us of.",
        examples=["1h"],
    )
    renew_every: Duration = Field(
        timedelta(minutes=15), description="How often the subscription is looked after.", examples=["15m"]
    )
    retention: Duration | None = Field(
        None, description="How long calls are kept, for example 400d. Unset keeps all.", examples=["400d"]
    )
    ssl_cert_file: Path | None = Field(
        None,
        description="Certificate authorities for every outgoing TLS connection, login included (PEM).",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error.", examples=["debug"]
    )
    log_format: Literal["json", "console"] | None = Field(
        None, description="json or console; by default json on a pipe, console on a terminal.", examples=["json"]
    )

    @field_validator("azure_tenant_id", mode="before")
    @classmethod
    def _tenants(cls, value: Any) -> Any:
        tenants = value.split(",") if isinstance(value, str) else value
        return tuple(dict.fromkeys(values.guid(t) for t in tenants if str(t).strip()))

    @field_validator("api_audience", mode="before")
    @classmethod
    def _audiences(cls, value: Any) -> Any:
        named = value.split(",") if isinstance(value, str) else value or ()
        return (
            tuple(dict.fromkeys(name for one in named if one.strip() for name in values.audience(one.strip()))) or None
        )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _proxies(cls, value: Any) -> Any:
        named = value.split(",") if isinstance(value, str) else value or ()
        return tuple(dict.fromkeys(values.network(one) for one in named if str(one).strip())) or None

    @field_validator("azure_tenant_id")
    @classmethod
    def _some_tenant(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("names no tenant")
        return value

    @field_validator("azure_client_id")
    @classmethod
    def _client(cls, value: str) -> str:
        return values.guid(value)

    @field_validator("graph_base_url", "public_url", "azure_authority_host")
    @classmethod
    def _root(cls, value: str | None) -> str | None:
        return value if value is None else values.url(value)

    @field_validator("retention")
    @classmethod
    def _a_day(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value < timedelta(days=1):
            raise ValueError("must be at least 1d: younger calls still change")
        return value

    @field_validator("graph_base_url")
    @classmethod
    def _without_version(cls, value: str | None) -> str | None:
        if value is not None and value.endswith(("/v1.0", "/beta")):
            raise ValueError("is the root without version; the version is GRAPH_API_VERSION")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        values.database_url(value.get_secret_value())
        return value

    @field_validator("azure_managed_identity")
    @classmethod
    def _identity(cls, value: str | None) -> str | None:
        if value is None or value.strip().lower() == "system":
            return value and "system"
        try:
            return values.guid(value)
        except ValueError:
            raise ValueError("is neither system nor a client id (a GUID)") from None

    @field_validator("graph_cloud", "graph_api_version", "log_level", "log_format", mode="before")
    @classmethod
    def _small(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("ssl_cert_file", "azure_client_certificate_path", "azure_federated_token_file")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"{value} is not a file")
        return value

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        given = [name for name in _CREDENTIALS if getattr(self, name.lower())]
        if len(given) != 1:
            said = "none is" if not given else f"{' and '.join(given)} are"
            example = "for example AZURE_CLIENT_SECRET=a-client-secret"
            raise ValueError(f"exactly one of {', '.join(_CREDENTIALS)} must be set; {said} ({example})")
        return self


_CREDENTIALS = (
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_MANAGED_IDENTITY",
)
