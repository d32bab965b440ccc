"""Settings: every variable with its default and unit. Loaded once at the edge and passed down."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from app.settings import api_key, checks, demo_file, secret_files, value_types
from app.settings.units import ALL_DETAIL, Rate


class SettingsError(Exception):
    """``problems``, a line each: the variable, what is wrong with it, and an example."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def load(**given: Any) -> "Settings":
    """Read the environment and ``.env``; raises SettingsError."""
    return _load(Settings, given)


def load_for_database(**given: Any) -> "Settings":
    """The same for commands that need only the database: settings of Entra and of PUBLIC_URL may be missing."""
    return _load(DatabaseSettings, given)


def _load(kind: type["Settings"], given: dict[str, Any]) -> "Settings":
    try:
        return kind(**given)
    except ValidationError as error:
        raise SettingsError(*(_explain(dict(each)) for each in error.errors(include_input=False))) from None
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _explain(error: dict[str, Any]) -> str:
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ")
    name = str(error["loc"][0])
    wrong = "is missing" if error["type"] == "missing" else str(error["msg"]).removeprefix("Value error, ")
    example = (Settings.model_fields[name].examples or [""])[0]
    return f"{name.upper()}: {wrong} (for example {name.upper()}={example})"


class Settings(BaseSettings):
    """Every setting, from the environment or ``.env``. An empty variable counts as unset."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, frozen=True
    )

    azure_tenant_id: value_types.Tenants = Field(
        description="Tenant GUID, or several separated by commas.",
        examples=["00000000-0000-0000-0000-000000000000"],
    )
    azure_client_id: value_types.Guid = Field(
        description="Application (client) ID of the app registration.",
        examples=["00000000-0000-0000-0000-000000000000"],
    )
    azure_client_secret: SecretStr | None = Field(
        None,
        description="One of these four credentials: the client secret of the app registration…",
        examples=["a-client-secret"],
    )
    azure_client_secret_file: Path | None = Field(
        None, description="(or the file that contains the client secret)", examples=["/run/secrets/azure_client_secret"]
    )
    azure_client_certificate_path: value_types.ReadableFile | None = Field(
        None, description="…or a certificate with its private key, PEM or PFX…", examples=["/run/secrets/app.pem"]
    )
    azure_client_certificate_password: SecretStr | None = Field(
        None, description="(the password of the certificate file, if it has one)", examples=["a-password"]
    )
    azure_client_certificate_password_file: Path | None = Field(
        None,
        description="(or the file that contains the certificate password)",
        examples=["/run/secrets/azure_client_certificate_password"],
    )
    azure_federated_token_file: value_types.ReadableFile | None = Field(
        None,
        description="…or the token file of a workload identity, read again at each use…",
        examples=["/var/run/secrets/azure/tokens/azure-identity-token"],
    )
    azure_managed_identity: value_types.ManagedIdentity | None = Field(
        None,
        description="…or a managed identity: system, or the client id of a user-assigned identity.",
        examples=["system"],
    )
    azure_authority_host: value_types.Root | None = Field(
        None,
        description="Login host; by default the cloud's. Any host but Microsoft's is used without instance discovery.",
        examples=["https://login.microsoftonline.com"],
    )
    graph_cloud: Annotated[Literal["global", "usgov", "usgovdod", "china"], value_types.AnyCase] = Field(
        "global",
        description="Microsoft cloud: global (and GCC), usgov (GCC High), usgovdod (DoD) or china.",
        examples=["usgov"],
    )
    graph_base_url: value_types.GraphRoot | None = Field(
        None,
        description="Root URL of Graph, without version; by default the cloud's. Plain http only for a loopback host.",
        examples=["https://localhost:9443"],
    )
    graph_api_version: Annotated[Literal["v1.0", "beta"], value_types.AnyCase] = Field(
        "v1.0", description="Graph version: v1.0 or beta.", examples=["beta"]
    )
    public_url: value_types.Root = Field(
        description="URL at which Graph reaches this service. Plain http only for a loopback host.",
        examples=["https://callkeeper.example.com"],
    )
    database_url: value_types.DatabaseUrl = Field(
        SecretStr("sqlite:///data/callkeeper.db"),
        description="Database: sqlite:///FILE or postgresql://user:password@host/db.",
        examples=["postgresql://user:password@host/db"],
    )
    database_url_file: Path | None = Field(
        None, description="Or the file that contains DATABASE_URL.", examples=["/run/secrets/database_url"]
    )
    database_password: SecretStr | None = Field(
        None,
        description="PostgreSQL password, not URL-encoded, for a DATABASE_URL without a password.",
        examples=["a-password"],
    )
    database_password_file: Path | None = Field(
        None, description="Or the file that contains DATABASE_PASSWORD.", examples=["/run/secrets/database_password"]
    )
    database_read_url: value_types.DatabaseUrl | None = Field(
        None,
        description="PostgreSQL replica of DATABASE_URL that /api, /v1.0 and pages read; while it lags more than "
        "30 s or does not answer, they read DATABASE_URL.",
        examples=["postgresql://user:password@replica/db"],
    )
    database_read_url_file: Path | None = Field(
        None, description="Or the file that contains DATABASE_READ_URL.", examples=["/run/secrets/database_read_url"]
    )
    api_key: SecretStr | None = Field(
        None,
        description="One static admin key for the read API, of at least 20 characters. Without any key, that API "
        "answers 401 to every request.",
        examples=[api_key.EXAMPLE],
    )
    api_key_file: Path | None = Field(
        None, description="Or the file that contains API_KEY.", examples=["/run/secrets/api_key"]
    )
    api_audience: value_types.Audiences = Field(
        None,
        description="Accepted audience (`aud`) of Entra ID access tokens: the application id or its URI, or several "
        "separated by commas. Unset: no token is accepted.",
        examples=["api://00000000-0000-0000-0000-000000000000"],
    )
    pages_sign_in: value_types.SignIns = Field(
        ("key",),
        description="Sign-in to the pages: key (an API key), entra (Entra ID, with the app's secret, certificate or "
        "federated token), or both.",
        examples=["entra,key"],
    )
    trusted_proxies: value_types.Proxies = Field(
        None,
        description="Addresses or networks of the proxies in front of this service, separated by commas. Their headers "
        "X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, X-Forwarded-Port and X-Forwarded-Prefix are trusted.",
        examples=["10.0.0.5,192.168.0.0/24"],
    )
    worker_concurrency: int = Field(16, ge=1, le=256, description="Concurrent fetches in one worker.", examples=["16"])
    graph_rate: value_types.PerSeconds = Field(
        Rate(1500, 20), description="Maximum rate of requests to Graph per tenant.", examples=["1500/20s"]
    )
    reconcile_every: value_types.Duration = Field(
        timedelta(hours=1),
        description="Interval between two sweeps of Graph's list for calls without a notification.",
        examples=["1h"],
    )
    pstn_every: value_types.Duration | None = Field(
        None,
        description="Interval between two readings of the PSTN and Direct Routing logs. Unset: never.",
        examples=["1h"],
    )
    renew_every: value_types.Duration = Field(
        timedelta(minutes=15),
        description="Interval between two checks of the subscription, which renew it when due.",
        examples=["15m"],
    )
    retention: value_types.Retention | None = Field(
        None, description="Age at which calls are deleted, for example 400d. Unset: never.", examples=["400d"]
    )
    detail_rows: value_types.DetailRows = Field(
        ALL_DETAIL,
        description="Calls that have rows of participants, sessions, segments, media, streams and hops: all, none, or "
        "those younger than an age such as 400d. What is read of the others comes from their documents, and is equal.",
        examples=["400d"],
    )
    place_retention: value_types.Retention | None = Field(
        None,
        description="Age at which IP and MAC addresses are removed from calls; sites and subnets stay. Unset: never.",
        examples=["28d"],
    )
    audit_retention: value_types.AuditRetention = Field(
        timedelta(days=400), description="Age at which rows of the audit are deleted.", examples=["400d"]
    )
    alert_rules: value_types.ReadableFile | None = Field(
        None,
        description="TOML file of alert rules; the line `defaults = true` switches the default set on. Unset: none.",
        examples=["/etc/callkeeper/alerts.toml"],
    )
    webhook_allow: value_types.Networks = Field(
        None,
        description="Private addresses or networks to which webhooks may send events, separated by commas; public "
        "addresses always may be sent to, link-local and metadata addresses never.",
        examples=["10.20.0.0/16,127.0.0.1"],
    )
    trunk_channels: value_types.Channels = Field(
        default_factory=dict,
        description="Channels of each Direct Routing trunk, by which the telephony figures show how full it is.",
        examples=["sbc1.example.com=60,sbc2.example.com=30"],
    )
    ssl_cert_file: value_types.ReadableFile | None = Field(
        None,
        description="Certificate authorities (PEM) for every outgoing TLS connection, login included.",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], value_types.AnyCase] = Field(
        "info", description="Log level: debug, info, warning or error.", examples=["debug"]
    )
    log_format: Annotated[Literal["json", "console"], value_types.AnyCase] | None = Field(
        None,
        description="Log format: json or console; by default json on a pipe and console on a terminal.",
        examples=["json"],
    )
    demo_settings_file: Path | None = Field(
        None,
        description="File to which the simulated Graph (python -m app.simulator --settings-file) writes the settings "
        "of a demo. While the file exists, its settings override all others.",
        examples=["/run/demo/settings.env"],
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- a folder of secrets, which we do not use
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Earlier sources override later ones."""
        demo = demo_file.sources(settings_cls, {**dotenv_settings(), **env_settings()})
        return init_settings, *demo, env_settings, dotenv_settings

    @model_validator(mode="before")
    @classmethod
    def _from_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        read = secret_files.read_in(given, _SECRETS)
        if password := read.get("database_password"):
            read["database_url"] = checks.with_password(str(read.get("database_url") or ""), password)
            if replica := str(read.get("database_read_url") or ""):
                read["database_read_url"] = checks.with_same_password(replica, password)
        return read

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        given = [name for name in _CREDENTIALS if getattr(self, name.lower())]
        if len(given) != 1:
            found = "none is" if not given else f"{' and '.join(given)} are"
            example = "for example AZURE_CLIENT_SECRET=a-client-secret"
            raise ValueError(f"exactly one of {', '.join(_CREDENTIALS)} must be set; {found} ({example})")
        return self

    @model_validator(mode="after")
    def _api_key_is_secret(self) -> Self:
        wrong = api_key.problem(self.api_key.get_secret_value(), self.demo_settings_file) if self.api_key else None
        if wrong:
            name = "API_KEY_FILE: its content" if self.api_key_file else "API_KEY:"
            raise ValueError(
                f"{name} {wrong}; generate one with `openssl rand -hex 24` (for example API_KEY={api_key.EXAMPLE})"
            )
        return self

    @model_validator(mode="after")
    def _replica_is_one_of_postgresql(self) -> Self:
        urls = (self.database_url, self.database_read_url or self.database_url)
        if self.database_read_url and any(url.get_secret_value().startswith("sqlite") for url in urls):
            example = "(for example DATABASE_READ_URL=postgresql://user@replica/db)"
            raise ValueError(f"DATABASE_READ_URL: is for PostgreSQL, and DATABASE_URL as well must be one {example}")
        return self

    @model_validator(mode="after")
    def _sign_in_needs_a_credential(self) -> Self:
        if "entra" in self.pages_sign_in and self.azure_managed_identity:
            others = " or ".join(name for name in _CREDENTIALS if name != "AZURE_MANAGED_IDENTITY")
            raise ValueError(f"PAGES_SIGN_IN: a managed identity cannot sign people in; set {others}, or remove entra")
        return self


class DatabaseSettings(Settings):
    """The settings of commands that work on the database alone. What is set must be right all the same."""

    azure_tenant_id: value_types.Tenants = Field((), validate_default=False)
    azure_client_id: value_types.Guid = Field("", validate_default=False)
    public_url: value_types.Root = Field("", validate_default=False)

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        return self


_SECRETS = (
    "azure_client_secret",
    "azure_client_certificate_password",
    "database_url",
    "database_read_url",
    "database_password",
    "api_key",
)
_CREDENTIALS = (
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_MANAGED_IDENTITY",
)
