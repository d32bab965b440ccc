import os

import pytest

from app.settings import checks, environment
from app.settings.environment import SettingsError
from tests.sample_settings import GOOD, set_only

SECRETS = {
    "AZURE_CLIENT_SECRET": "s3cret of the app",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD": "s3cret of the file",
    "DATABASE_URL": "postgresql://user:s3cret@host/db",
    "DATABASE_PASSWORD": "s3cret of the database",
    "API_KEY": "s3cret key of the tests",
}
NEEDED = {"DATABASE_PASSWORD": {"DATABASE_URL": "postgresql://user@host/db"}}


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Settings of an environment in which this secret stands in a file that holds this."""

    def load(name, holds, **more):
        file = tmp_path / "secret"
        if holds is not None:
            file.write_bytes(holds)
        others = {other: value for other, value in GOOD.items() if other != name}
        set_only(monkeypatch, tmp_path, others | NEEDED.get(name, {}) | {f"{name}_FILE": str(file)} | more)
        return environment.load()

    return load


@pytest.fixture
def complaint(load):
    def complaint(name, holds, **more):
        with pytest.raises(SettingsError) as caught:
            load(name, holds, **more)
        return str(caught.value)

    return complaint


@pytest.mark.parametrize(("name", "secret"), SECRETS.items())
def test_a_secret_is_what_its_file_holds(load, name, secret):
    assert getattr(load(name, secret.encode()), name.lower()).get_secret_value() == secret


@pytest.mark.parametrize(
    ("holds", "secret"),
    [(b"key\n", "key"), (b"key\r\n", "key"), (b" key \n\n", " key \n"), ("schlüssel".encode(), "schlüssel")],
)
def test_only_the_last_line_break_of_the_file_is_not_part_of_the_secret(load, holds, secret):
    assert load("AZURE_CLIENT_SECRET", holds).azure_client_secret.get_secret_value() == secret


WRONG = [
    (None, "does not exist"),
    (b"", "is empty"),
    (b"\n", "is empty"),
    (b" \r\n", "is empty"),
    (b"\xff\xfe s3cret", "is not UTF-8 text"),
    (b"s3cret" * 20_000, "is too large"),
]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(("holds", "wrong"), WRONG)
def test_a_file_without_a_secret_is_one_line_with_the_variable_and_an_example(complaint, name, holds, wrong):
    line = complaint(name, holds)
    assert line.startswith(f"{name}_FILE: ")
    assert wrong in line
    assert f"(for example {name}_FILE=/run/secrets/{name.lower()})" in line
    assert "\n" not in line
    assert "s3cret" not in line


def test_a_folder_is_no_secret(complaint, tmp_path):
    line = complaint("API_KEY", None, API_KEY_FILE=str(tmp_path))
    assert line.startswith(f"API_KEY_FILE: {tmp_path} cannot be read")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said(complaint, tmp_path):
    (tmp_path / "locked").touch(0o000)
    assert "cannot be read: Permission denied" in complaint("API_KEY", None, API_KEY_FILE=str(tmp_path / "locked"))


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_given_once(complaint, name):
    line = complaint(name, b"s3cret", **{name: "s3cret"})
    assert line.startswith(f"{name}_FILE: {name} is set as well; remove one of the two")
    assert "s3cret" not in line


def test_an_empty_variable_beside_a_file_counts_as_not_set(load):
    assert load("AZURE_CLIENT_SECRET", b"key", AZURE_CLIENT_SECRET="").azure_client_secret.get_secret_value() == "key"


def test_the_file_called_env_may_name_files_too(load, tmp_path):
    (tmp_path / "key").write_text("a key of the tests that is long\n")
    (tmp_path / ".env").write_text(f"API_KEY_FILE={tmp_path}/key\n")
    assert (
        load("AZURE_CLIENT_SECRET", b"secret", API_KEY="").api_key.get_secret_value()
        == "a key of the tests that is long"
    )


def test_a_secret_in_a_file_is_a_credential_beside_which_there_may_be_no_other(complaint):
    line = complaint("AZURE_CLIENT_SECRET", b"s3cret", AZURE_MANAGED_IDENTITY="system")
    assert "AZURE_CLIENT_SECRET and AZURE_MANAGED_IDENTITY are" in line


def test_secrets_of_files_are_in_no_picture_of_the_settings(load):
    settings = load("DATABASE_PASSWORD", b"s3cret")
    assert settings.database_url.get_secret_value() == "postgresql://user:s3cret@host/db"
    for picture in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "s3cret" not in picture


WITH_PASSWORD = [
    ("postgresql://user@host/db", "postgresql://user:p%40ss%2Fw%3A%20%C3%A9@host/db"),
    ("postgres://user@[::1]:5432/db?sslmode=require", "postgres://user:p%40ss%2Fw%3A%20%C3%A9@[::1]:5432/db?sslmode=require"),
    ("postgresql:///db?host=/run/postgresql", "postgresql:///db?host=/run/postgresql&password=p%40ss%2Fw%3A%20%C3%A9"),
    ("postgresql://host/db", "postgresql://host/db?password=p%40ss%2Fw%3A%20%C3%A9"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "whole"), WITH_PASSWORD)
def test_a_password_is_written_into_the_url_as_urls_need_it(url, whole):
    assert checks.with_password(url, "p@ss/w: é") == whole


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("postgresql://user:s3cret@host/db", "DATABASE_URL contains a password as well"),
        ("postgresql://user@host/db?password=s3cret", "DATABASE_URL contains a password as well"),
        ("sqlite:///data/callkeeper.db", "DATABASE_URL is a SQLite file"),
        ("", "DATABASE_URL is a SQLite file"),
    ],
)
def test_a_password_that_the_database_has_no_use_for_is_refused(complaint, url, wrong):
    line = complaint("DATABASE_PASSWORD", b"s3cret", DATABASE_URL=url)
    assert line.startswith("DATABASE_PASSWORD: ")
    assert wrong in line
    assert "s3cret" not in line


@pytest.mark.parametrize("url", ["mysql://user@host/db", "data/callkeeper.db", "postgresql://user@host:99999/db"])
def test_beside_a_password_a_wrong_database_url_is_still_what_is_complained_of(complaint, url):
    assert complaint("DATABASE_PASSWORD", b"s3cret", DATABASE_URL=url).startswith("DATABASE_URL: ")
