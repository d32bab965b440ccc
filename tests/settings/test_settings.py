import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings import api_key, environment
from app.settings.environment import Settings, SettingsError
from app.settings.units import LONGEST, DetailRows, Rate, duration, rate, write_duration, write_rate
from tests.docs.pages import ROOT
from tests.sample_settings import GOOD, OTHER_TENANT, SECRETS, TENANT, set_only

CREDENTIALS = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE")


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Settings of an environment: the good one, changed; None takes a variable away."""

    def load(**changes):
        settings = {name: value for name, value in (GOOD | changes).items() if value is not None}
        set_only(monkeypatch, tmp_path, settings)
        return environment.load()

    return load


@pytest.fixture
def complaint(load):
    def complaint(**changes):
        with pytest.raises(SettingsError) as caught:
            load(**changes)
        return str(caught.value)

    return complaint


def test_four_variables_are_enough_and_the_rest_has_defaults(load):
    settings = load(API_KEY=None)
    assert (settings.graph_cloud, settings.graph_api_version, settings.log_level) == ("global", "v1.0", "info")
    assert settings.database_url.get_secret_value() == "sqlite:///data/callkeeper.db"
    assert (settings.worker_concurrency, settings.graph_rate) == (16, Rate(1500, 20))
    assert (settings.reconcile_every, settings.renew_every) == (timedelta(hours=1), timedelta(minutes=15))
    unset = (settings.api_key, settings.retention, settings.graph_base_url, settings.ssl_cert_file, settings.log_format)
    assert unset == (None,) * 5


RIGHT = [
    ("AZURE_TENANT_ID", TENANT.upper(), (TENANT,)),
    ("AZURE_TENANT_ID", f" {TENANT} ,{OTHER_TENANT},, {TENANT.upper()},", (TENANT, OTHER_TENANT)),
    ("AZURE_CLIENT_ID", OTHER_TENANT.upper(), OTHER_TENANT),
    ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/", "https://login.microsoftonline.us"),
    ("GRAPH_CLOUD", "usgovdod", "usgovdod"),
    ("GRAPH_CLOUD", "China", "china"),
    ("GRAPH_BASE_URL", "https://localhost:9443", "https://localhost:9443"),
    ("GRAPH_BASE_URL", "http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
    ("GRAPH_BASE_URL", "http://[::1]:8080", "http://[::1]:8080"),
    ("GRAPH_API_VERSION", "beta", "beta"),
    ("PUBLIC_URL", " https://host.example/teams/ ", "https://host.example/teams"),
    ("PUBLIC_URL", "http://localhost:8000", "http://localhost:8000"),
    ("API_AUDIENCE", TENANT.upper(), (TENANT, f"api://{TENANT}")),
    ("API_AUDIENCE", f"api://{TENANT}, https://calls.example", (TENANT, f"api://{TENANT}", "https://calls.example")),
    ("API_AUDIENCE", " , ", None),
    ("PAGES_SIGN_IN", " Entra, key,", ("entra", "key")),
    ("PAGES_SIGN_IN", "entra", ("entra",)),
    ("TRUSTED_PROXIES", "10.0.0.5, fd00::/8,", (ip_network("10.0.0.5"), ip_network("fd00::/8"))),
    ("ALERT_RULES", __file__, Path(__file__)),
    ("WEBHOOK_ALLOW", "10.20.0.0/16,127.0.0.1", (ip_network("10.20.0.0/16"), ip_network("127.0.0.1"))),
    ("WORKER_CONCURRENCY", "1", 1),
    ("WORKER_CONCURRENCY", "256", 256),
    ("GRAPH_RATE", "10/1m", Rate(10, 60)),
    ("RECONCILE_EVERY", "30m", timedelta(minutes=30)),
    ("RENEW_EVERY", " 90s ", timedelta(seconds=90)),
    ("PSTN_EVERY", "1h", timedelta(hours=1)),
    ("RETENTION", "400d", timedelta(days=400)),
    ("DETAIL_ROWS", "all", DetailRows(None)),
    ("DETAIL_ROWS", "None", DetailRows(timedelta())),
    ("DETAIL_ROWS", "400d", DetailRows(timedelta(days=400))),
    ("AUDIT_RETENTION", "90d", timedelta(days=90)),
    ("TRUNK_CHANNELS", "SBC1.example.com=60, sbc2.example.com = 30,", {"sbc1.example.com": 60, "sbc2.example.com": 30}),
    ("PLACE_RETENTION", "28d", timedelta(days=28)),
    ("LOG_LEVEL", "DEBUG", "debug"),
    ("LOG_FORMAT", "console", "console"),
]


@pytest.mark.parametrize(("name", "text", "value"), RIGHT)
def test_a_right_value_is_taken(load, name, text, value):
    assert getattr(load(**{name: text}), name.lower()) == value


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///data/callkeeper.db",
        "sqlite:////absolute/callkeeper.db",
        "postgres://user:password@host/db",
        "postgresql://user:p%40ss@host:5432/db?sslmode=require",
        "postgresql:///db?host=/var/run/postgresql",
        "postgresql://user:p@ss:word@host/db",
    ],
)
def test_a_right_database_url_is_taken(load, url):
    assert load(DATABASE_URL=url).database_url.get_secret_value() == url


def test_a_replica_is_one_of_postgresql_and_takes_the_same_password_unless_it_has_one(load, complaint):
    primary, password = "postgresql://me@a/db", {"DATABASE_PASSWORD": "p@ss"}
    for tail, wanted in (("//me@b/db", "//me:p%40ss@b/db"), ("//me:other@b/db", "//me:other@b/db")):
        loaded = load(DATABASE_URL=primary, DATABASE_READ_URL=f"postgresql:{tail}", **password)
        assert loaded.database_read_url.get_secret_value() == f"postgresql:{wanted}"
    for urls in (
        {"DATABASE_URL": "sqlite:///a.db", "DATABASE_READ_URL": primary},
        {"DATABASE_URL": primary, "DATABASE_READ_URL": "sqlite:///a.db"},
    ):
        assert complaint(**urls).startswith("DATABASE_READ_URL: is for PostgreSQL")


@pytest.mark.parametrize(("given", "value"), [("system", "system"), ("System", "system"), (TENANT.upper(), TENANT)])
def test_a_managed_identity_is_the_systems_or_has_a_client_id(load, given, value):
    assert load(AZURE_CLIENT_SECRET=None, AZURE_MANAGED_IDENTITY=given).azure_managed_identity == value


@pytest.mark.parametrize("name", [*CREDENTIALS[1:], "SSL_CERT_FILE"])
def test_a_file_that_is_there_is_taken(load, tmp_path, name):
    file = tmp_path / "file.pem"
    file.write_text("…")
    credential = {} if name == "SSL_CERT_FILE" else {"AZURE_CLIENT_SECRET": None}
    assert getattr(load(**{name: str(file)}, **credential), name.lower()) == file


WRONG = [
    ("AZURE_TENANT_ID", None, "is missing"),
    ("AZURE_TENANT_ID", "contoso.onmicrosoft.com", "is not a GUID"),
    ("AZURE_TENANT_ID", f"{TENANT};{OTHER_TENANT}", "is not a GUID"),
    ("AZURE_TENANT_ID", " , ", "contains no tenant id"),
    ("AZURE_CLIENT_ID", None, "is missing"),
    ("AZURE_CLIENT_ID", "callkeeper", "is not a GUID"),
    ("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/app.pem", "is not a file"),
    ("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token", "is not a file"),
    ("PAGES_SIGN_IN", "key;entra", "key;entra is neither key nor entra"),
    ("PAGES_SIGN_IN", ",", "contains neither key nor entra"),
    ("AZURE_MANAGED_IDENTITY", "mine", "is neither system nor a client id"),
    ("AZURE_AUTHORITY_HOST", "http://login.microsoftonline.com", "must start with https://"),
    ("AZURE_AUTHORITY_HOST", "login.microsoftonline.com", "is not a plain URL"),
    ("GRAPH_CLOUD", "germany", "usgovdod"),
    ("GRAPH_BASE_URL", "http://graph.microsoft.com", "must start with https://"),
    ("GRAPH_BASE_URL", "http://127.0.0.1.example.com", "must start with https://"),
    ("GRAPH_BASE_URL", "https://graph.microsoft.com/v1.0", "root without the version"),
    ("GRAPH_BASE_URL", "ftp://localhost", "must start with https://"),
    ("GRAPH_API_VERSION", "v2.0", "beta"),
    ("PUBLIC_URL", None, "is missing"),
    ("PUBLIC_URL", "http://callkeeper.example.com", "must start with https://"),
    ("PUBLIC_URL", "https://host/?a=b", "is not a plain URL"),
    ("PUBLIC_URL", "https://host/#top", "is not a plain URL"),
    ("PUBLIC_URL", "https://user:s3cret@host", "is not a plain URL"),
    ("PUBLIC_URL", "https://host:99999", "is not a plain URL"),
    ("PUBLIC_URL", "https://host:port", "is not a plain URL"),
    ("PUBLIC_URL", "https://[::1", "is not a plain URL"),
    ("PUBLIC_URL", "https://my host", "is not a plain URL"),
    ("PUBLIC_URL", "https://", "is not a plain URL"),
    ("DATABASE_URL", "mysql://user:s3cret@host/db", "is neither sqlite:///FILE nor postgresql://"),
    ("DATABASE_URL", "postgresql+asyncpg://user:s3cret@host/db", "is neither"),
    ("DATABASE_URL", "data/callkeeper.db", "is neither"),
    ("DATABASE_READ_URL", "mysql://user:s3cret@host/db", "is neither"),
    ("DATABASE_URL", "sqlite:///:memory:", "names no file"),
    ("DATABASE_URL", "sqlite:///", "names no file"),
    ("DATABASE_URL", "postgresql://user:s3cret/s3cret@host/db", "is not a valid URL"),
    ("DATABASE_URL", "postgresql://user:s3cret#s3cret@host/db", "is not a valid URL"),
    ("DATABASE_URL", "postgresql://user:s3cret@host:99999/db", "is not a valid URL"),
    ("API_AUDIENCE", "api://call keeper", "is neither an application id nor an application id URI"),
    ("TRUSTED_PROXIES", "10.0.0.5/24", "is neither an IP address nor a network"),
    ("TRUSTED_PROXIES", "proxy.example", "is neither an IP address nor a network"),
    ("WORKER_CONCURRENCY", "0", "greater than or equal to 1"),
    ("WORKER_CONCURRENCY", "257", "less than or equal to 256"),
    ("WORKER_CONCURRENCY", "many", "integer"),
    ("GRAPH_RATE", "fast", "is not a rate"),
    ("GRAPH_RATE", "0/20s", "is not a rate"),
    ("RECONCILE_EVERY", "1 hour", "is not a duration"),
    ("RENEW_EVERY", "0m", "is not a duration"),
    ("RETENTION", "400", "is not a duration"),
    ("DETAIL_ROWS", "some", "is neither all nor none nor an age"),
    ("DETAIL_ROWS", "12h", "must be at least 1d"),
    ("AUDIT_RETENTION", "23h", "must be at least 1d"),
    ("TRUNK_CHANNELS", "sbc1.example.com", "is not a trunk and its number of channels"),
    ("TRUNK_CHANNELS", "sbc1.example.com=0", "is not a trunk and its number of channels"),
    ("TRUNK_CHANNELS", "a=1,A=2", "names a twice"),
    ("PLACE_RETENTION", "23h", "1d"),
    ("RETENTION", "999999999d", "is longer than 36500d"),
    ("SSL_CERT_FILE", "/nowhere/ca.pem", "is not a file"),
    ("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000000", "is the GUID of the example"),
    ("AZURE_TENANT_ID", "{00000000-0000-0000-0000-000000000000}", "is the GUID of the example"),
    ("LOG_LEVEL", "loud", "warning"),
    ("LOG_FORMAT", "xml", "console"),
]


@pytest.mark.parametrize(("name", "text", "wrong"), WRONG)
def test_a_wrong_value_is_one_line_with_the_variable_what_is_wrong_and_an_example(complaint, name, text, wrong):
    line = complaint(**{name: text})
    assert line.startswith(f"{name}: ")
    assert wrong in line
    assert f"(for example {name}=" in line
    assert "\n" not in line
    assert "s3cret" not in line


def test_every_variable_is_in_the_table_of_right_or_wrong_values():
    reported = {name for name, *_ in (*RIGHT, *WRONG)}
    free = {*SECRETS, "AZURE_CLIENT_CERTIFICATE_PASSWORD", "DATABASE_PASSWORD"}
    files = {f"{name}_FILE" for name in (*free, "DATABASE_URL", "DATABASE_READ_URL")} | {
        "DEMO_SETTINGS_FILE"
    }  # see test_secret_files.py
    assert reported | free | files == {name.upper() for name in Settings.model_fields}


def test_two_wrong_variables_are_still_one_line(complaint):
    line = complaint(AZURE_TENANT_ID="wrong", PUBLIC_URL=None)
    assert "AZURE_TENANT_ID: is not a GUID" in line
    assert "PUBLIC_URL: is missing" in line
    assert "\n" not in line


def test_every_example_is_itself_right(load):
    for name, field in Settings.model_fields.items():
        example = field.examples[0]
        if (
            name != "api_key" and "00000000-0000" not in example and not example.startswith("/")
        ):  # a public key is refused; a file of another machine
            secret = None if name == "azure_managed_identity" else "a-client-secret"
            url = "postgresql://user@host/db" if name in {"database_password", "database_read_url"} else None
            load(**({"AZURE_CLIENT_SECRET": secret, "DATABASE_URL": url} | {name.upper(): example}))


def test_without_a_credential_the_four_are_named_with_an_example(complaint):
    line = complaint(AZURE_CLIENT_SECRET=None)
    assert "exactly one of" in line
    assert all(name in line for name in (*CREDENTIALS, "AZURE_MANAGED_IDENTITY"))
    assert "none is (for example AZURE_CLIENT_SECRET=" in line


def test_two_credentials_are_refused_and_named(complaint):
    line = complaint(AZURE_MANAGED_IDENTITY="system")
    assert "AZURE_CLIENT_SECRET and AZURE_MANAGED_IDENTITY are" in line
    assert "s3cret" not in line


def test_with_a_managed_identity_no_sign_in_with_entra_is_possible(complaint):
    line = complaint(AZURE_CLIENT_SECRET=None, AZURE_MANAGED_IDENTITY="system", PAGES_SIGN_IN="key,entra")
    assert line.startswith("PAGES_SIGN_IN: a managed identity cannot sign people in; set AZURE_CLIENT_SECRET or ")


@pytest.mark.parametrize("name", sorted({*GOOD} - {"API_KEY"}))
def test_an_empty_variable_counts_as_not_set(complaint, name):
    assert name in complaint(**{name: ""})


def test_empty_variables_leave_the_defaults(load):
    empty = {name.upper(): "" for name in Settings.model_fields if name.upper() not in GOOD}
    assert load(**empty) == load()


def test_secrets_are_in_no_picture_of_the_settings(load):
    url = "postgresql://user:s3cret-of-the-database@host/db"
    settings = load(DATABASE_URL=url, AZURE_CLIENT_CERTIFICATE_PASSWORD="s3cret-of-the-file")
    for picture in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "s3cret" not in picture


def test_a_file_called_env_is_read_and_the_environment_outweighs_it(load, monkeypatch, tmp_path):
    lines = [f"{name}={value}" for name, value in GOOD.items()]
    (tmp_path / ".env").write_text("\n".join([*lines, "LOG_LEVEL=debug", "WORKER_CONCURRENCY=3", "SOMETHING_ELSE=1"]))
    settings = load(**dict.fromkeys(GOOD), LOG_LEVEL="error")
    assert (settings.azure_tenant_id, settings.worker_concurrency, settings.log_level) == ((TENANT,), 3, "error")


def test_settings_do_not_change_once_made(load):
    with pytest.raises(Exception, match="frozen"):
        load().log_level = "debug"


DURATIONS = [("1s", 1), ("15m", 900), ("6h", 21600), ("30d", 2592000), ("090m", 5400), (" 1d ", 86400)]


@pytest.mark.parametrize(("text", "seconds"), DURATIONS)
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "15", "m", "0s", "-1m", "1.5h", "15 m", "15M", "1w", "1h30m", "\u0661m", "9" * 11 + "s"]
)
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="for example 15m, 6h or 30d"):
        duration(text)


@pytest.mark.parametrize("text", ["", "1500", "1500/", "/20s", "0/20s", "1500/0s", "1500/20", "-1/20s", "1.5/20s"])
def test_what_is_no_rate_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="for example"):
        rate(text)


@given(st.integers(1, int(LONGEST.total_seconds())))
def test_a_duration_that_was_written_is_read_back(seconds):
    assert duration(write_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@given(st.integers(1, 999_999_999), st.integers(1, 900_000))
def test_a_rate_that_was_written_is_read_back(limit, seconds):
    assert rate(write_rate(Rate(limit, seconds))) == Rate(limit, seconds)


@given(st.from_regex(r"[0-9]{1,10}[smhd]", fullmatch=True))
def test_a_duration_is_within_the_dates_there_are_or_refused(text):
    try:
        assert timedelta() < duration(text) <= LONGEST
    except ValueError:
        assert int(text[:-1]) == 0 or int(text[:-1]) > LONGEST.days


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("a" * 19, "API_KEY: has fewer than 20 characters; "),
        (" " * 30 + "s3cret", "API_KEY: has fewer than 20 characters; "),
        (api_key.DEMO, "API_KEY: is the key of the demo, which is public; "),
        (api_key.EXAMPLE, "API_KEY: is the example of the documentation, which is public; "),
    ],
)
def test_an_api_key_that_others_can_guess_or_know_is_refused(complaint, key, wrong):
    line = complaint(API_KEY=key)
    assert line.startswith(wrong)
    assert "(for example API_KEY=" in line
    assert "s3cret" not in line


def test_the_shortest_api_key_has_twenty_characters(load):
    assert load(API_KEY="a" * 20).api_key.get_secret_value() == "a" * 20


def test_a_short_api_key_in_a_file_is_reported_with_the_variable_that_names_the_file(complaint, tmp_path):
    (tmp_path / "key").write_text("short")
    assert complaint(API_KEY=None, API_KEY_FILE=str(tmp_path / "key")).startswith("API_KEY_FILE: its content has fewer")


def test_the_published_keys_are_those_that_are_refused():
    assert f"--also=API_KEY={api_key.DEMO}\n" in (ROOT / "docker-compose.yml").read_text()
    for sample in (".env.example", "deploy/kubernetes/optional/secret.yaml"):
        assert re.search(rf"\bAPI_KEY[=:] ?{api_key.EXAMPLE}\n", (ROOT / sample).read_text())
