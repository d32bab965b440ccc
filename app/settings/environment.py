"""Settings: every variable, its default, its unit. Made once, at the edge, and handed down."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from app.settings import checks, demo_file, secret_files, value_types
from app.settings.units import Rate


class SettingsError(Exception):
    """What is wrong with which variable, and an example, in one line."""


def load(**given: Any) -> "Settings":
    """Read the environment and ``.env``; raises SettingsError."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(dict(e)) for e in error.errors(include_input=False))) from None
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
    """What an operator can set, in the environment or in ``.env``. An empty variable counts as not set."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, frozen=True
    )

    azure_tenant_id: value_types.Tenants = Field(
        description="Tenant GUID, or several separated by commas.",
        examples=["00000000-0000-0000-0000-000000000000"],
    )
    azure_client_id: value_types.Guid = Field(
        description="The app registration (its application id).", examples=["00000000-0000-0000-0000-000000000000"]
    )
    azure_client_secret: SecretStr | None = Field(
        None, description="One of these four credentials: the app's client secret…", examples=["a-client-secret"]
    )
    azure_client_secret_file: Path | None = Field(
        None, description="(or the file that holds it)", examples=["/run/secrets/azure_client_secret"]
    )
    azure_client_certificate_path: value_types.ReadableFile | None = Field(
        None, description="…or its certificate with private key, PEM or PFX…", examples=["/run/secrets/app.pem"]
    )
    azure_client_certificate_password: SecretStr | None = Field(
        None, description="(the password of that file, if it has one)", examples=["a-password"]
    )
    azure_client_certificate_password_file: Path | None = Field(
        None,
        description="(or the file that holds this password)",
        examples=["/run/secrets/azure_client_certificate_password"],
    )
    azure_federated_token_file: value_types.ReadableFile | None = Field(
        None,
        description="…or a workload identity's token, read again at each use…",
        examples=["/var/run/secrets/azure/tokens/azure-identity-token"],
    )
    azure_managed_identity: value_types.ManagedIdentity | None = Field(
        None, description="…or a managed identity: system, or a client id.", examples=["system"]
    )
    azure_authority_host: value_types.Root | None = Field(
        None,
        description="Login host, by default the cloud's. One that is not Microsoft's goes without instance discovery.",
        examples=["https://login.microsoftonline.com"],
    )
    graph_cloud: Annotated[Literal["global", "usgov", "usgovdod", "china"], value_types.AnyCase] = Field(
        "global", description="global (and GCC), usgov (GCC High), usgovdod (DoD) or china.", examples=["usgov"]
    )
    graph_base_url: value_types.GraphRoot | None = Field(
        None,
        description="Graph's root without version, by default the cloud's. Plain http only for a loopback host.",
        examples=["https://localhost:9443"],
    )
    graph_api_version: Annotated[Literal["v1.0", "beta"], value_types.AnyCase] = Field(
        "v1.0", description="v1.0 or beta.", examples=["beta"]
    )
    public_url: value_types.Root = Field(
        description="Where Graph reaches this service. Plain http only for a loopback host.",
        examples=["https://callkeeper.example.com"],
    )
    database_url: value_types.DatabaseUrl = Field(
        SecretStr("sqlite:///data/callkeeper.db"),
        description="SQLite file, or postgresql://user:password@host/db.",
        examples=["postgresql://user:password@host/db"],
    )
    database_url_file: Path | None = Field(
        None, description="Or the file that holds this URL.", examples=["/run/secrets/database_url"]
    )
    database_password: SecretStr | None = Field(
        None,
        description="PostgreSQL's password, as it is, for a DATABASE_URL without one.",
        examples=["a-password"],
    )
    database_password_file: Path | None = Field(
        None, description="Or the file that holds this password.", examples=["/run/secrets/database_password"]
    )
    api_key: SecretStr | None = Field(
        None,
        description="One static admin key for the read API. Without any key that API answers 401 to everybody.",
        examples=["a-long-random-text"],
    )
    api_key_file: Path | None = Field(
        None, description="Or the file that holds this key.", examples=["/run/secrets/api_key"]
    )
    api_audience: value_types.Audiences = Field(
        None,
        description="For whom Entra ID tokens must be issued to be taken as keys: the application id or its URI, or "
        "several separated by commas. Unset, no token is taken.",
        examples=["api://00000000-0000-0000-0000-000000000000"],
    )
    pages_sign_in: value_types.SignIns = Field(
        ("key",),
        description="How people sign in to the pages: key (an API key), entra (Entra ID, with the app's secret, "
        "certificate or federated token), or both.",
        examples=["entra,key"],
    )
    trusted_proxies: value_types.Proxies = Field(
        None,
        description="Addresses or networks of the proxies before this service, separated by commas: what they write "
        "into X-Forwarded-Proto, X-Forwarded-Host, X-Forwarded-Port and X-Forwarded-Prefix is believed.",
        examples=["10.0.0.5,192.168.0.0/24"],
    )
    worker_concurrency: int = Field(16, ge=1, le=256, description="Fetches in flight in one worker.", examples=["16"])
    graph_rate: value_types.PerSeconds = Field(
        Rate(1500, 20), description="Requests to Graph per tenant.", examples=["1500/20s"]
    )
    reconcile_every: value_types.Duration = Field(
        timedelta(hours=1),
        description="How often Graph's list is swept for calls nobody told us of.",
        examples=["1h"],
    )
    renew_every: value_types.Duration = Field(
        timedelta(minutes=15), description="How often the subscription is looked after.", examples=["15m"]
    )
    retention: value_types.Retention | None = Field(
        None, description="How long calls are kept, for example 400d. Unset keeps all.", examples=["400d"]
    )
    ssl_cert_file: value_types.ReadableFile | None = Field(
        None,
        description="Certificate authorities for every outgoing TLS connection, login included (PEM).",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], value_types.AnyCase] = Field(
        "info", description="debug, info, warning or error.", examples=["debug"]
    )
    log_format: Annotated[Literal["json", "console"], value_types.AnyCase] | None = Field(
        None, description="json or console; by default json on a pipe, console on a terminal.", examples=["json"]
    )
    demo_settings_file: Path | None = Field(
        None,
        description="Where a simulated Graph (python -m app.simulator --settings-file) leaves the settings of a demo. "
        "While that file is there, they outweigh all others.",
        examples=["/run/demo/settings.env"],
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- a folder of secrets; ours are files
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The first outweighs the next."""
        demo = demo_file.sources(settings_cls, {**dotenv_settings(), **env_settings()})
        return init_settings, *demo, env_settings, dotenv_settings

    @model_validator(mode="before")
    @classmethod
    def _from_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        read = secret_files.read_in(given, _SECRETS)
        if password := read.get("database_password"):
            read["database_url"] = checks.with_password(str(read.get("database_url") or ""), password)
        return read

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        given = [name for name in _CREDENTIALS if getattr(self, name.lower())]
        if len(given) != 1:
            said = "none is" if not given else f"{' and '.join(given)} are"
            example = "for example AZURE_CLIENT_SECRET=a-client-secret"
            raise ValueError(f"exactly one of {', '.join(_CREDENTIALS)} must be set; {said} ({example})")
        return self

    @model_validator(mode="after")
    def _people_need_a_credential(self) -> Self:
        if "entra" in self.pages_sign_in and self.azure_managed_identity:
            others = " or ".join(name for name in _CREDENTIALS if name != "AZURE_MANAGED_IDENTITY")
            raise ValueError(f"PAGES_SIGN_IN: a managed identity signs no people in; set {others}, or leave out entra")
        return self


_SECRETS = (
    "azure_client_secret",
    "azure_client_certificate_password",
    "database_url",
    "database_password",
    "api_key",
)
_CREDENTIALS = (
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_MANAGED_IDENTITY",
)
