from pathlib import Path

import pytest
from typer.main import get_command

from app import cli
from tests.sample_settings import OTHER_TENANT, TENANT

CALL = "00000000-1111-2222-3333-444444444444"


def commands(command, path=()):
    """Every command below this one, by what a person types."""
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


COMMANDS = list(commands(get_command(cli.app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_each_command_explains_itself_with_an_example(callkeeper, path):
    ended = callkeeper(*path, "--help")
    assert (ended.status, ended.err) == (0, "")
    text = " ".join(ended.out.split())
    assert "Example" in text
    assert " ".join(("callkeeper", *path)) in text[text.index("Example") :]


def test_the_commands_promised_so_far_are_there():
    names = {" ".join(path) for path in COMMANDS}
    assert names >= {
        *("serve", "worker", "simulator", "demo", "migrate", "backfill", "fetch", "inbox", "inbox retry"),
        *("subscriptions ensure", "subscriptions list", "subscriptions delete"),
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("nonsense", "No such command 'nonsense'"),
        ("fetch", "Missing argument 'ID…'"),
        ("fetch not-a-guid", "'not-a-guid' is not a GUID"),
        (f"fetch {CALL} --tenant {OTHER_TENANT}", "is not in AZURE_TENANT_ID"),
        ("backfill", "Missing option '--since'"),
        ("backfill --since yesterday", "'yesterday' is neither a duration such as 7d nor a time"),
        ("backfill --since 9999999d", "is neither a duration"),
        ("backfill --since 1d --until 2d", "later than --since"),
        ("inbox --state odd", "'odd' is not one of 'due', 'failed', 'expired'"),
        ("inbox --limit 0", "greater than or equal to 1"),
        ("inbox retry", "give either ids or --all-failed"),
        (f"inbox retry {CALL} --all-failed", "give either ids or --all-failed"),
        ("subscriptions nonsense", "No such command 'nonsense'"),
        ("subscriptions delete", "Missing argument 'ID'"),
        ("subscriptions ensure --every often", "'often' is not a duration"),
        ("serve --port web", "valid integer"),
        ("serve --port 99999", "less than or equal to 65535"),
        ("migrate now", "unexpected extra argument"),
        ("inbox --nonsense", "--nonsense"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_is_wrong_and_where_help_is(callkeeper, arguments, said):
    ended = callkeeper(*arguments.split())
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("callkeeper: ")
    assert said in ended.err
    assert "--help`" in ended.err
    assert ended.err.count("\n") == 1


def test_without_a_command_the_help_is_shown_and_the_exit_is_not_a_success(callkeeper):
    ended = callkeeper()
    assert ended.status == 2
    assert "Usage: callkeeper" in ended.out + ended.err


@pytest.mark.parametrize("arguments", ["serve", "worker", "status", f"fetch {CALL}", "subscriptions list", "migrate"])
def test_a_wrong_setting_stops_each_command_with_one_line(callkeeper, environment, arguments):
    environment(AZURE_TENANT_ID="contoso")
    ended = callkeeper(*arguments.split())
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == (
        "callkeeper: AZURE_TENANT_ID: is not a GUID "
        "(for example AZURE_TENANT_ID=00000000-0000-0000-0000-000000000000) "
        f"[settings from the environment; there is no .env in {Path.cwd()}]\n"
    )


def test_each_wrong_setting_has_a_line_and_the_last_names_the_file_that_was_read(callkeeper, environment):
    environment(AZURE_TENANT_ID=None, PUBLIC_URL=None)
    Path(".env").write_text("AZURE_CLIENT_ID=contoso\nAZURE_TENANTID=1\n", encoding="utf-8")
    environment(AZURE_TENANT_ID=None, AZURE_CLIENT_ID=None, PUBLIC_URL=None)
    lines = callkeeper("worker").err.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "PUBLIC_URL"]
    assert lines[-1].endswith(f"[settings from the environment and {Path('.env').absolute()}]")


def test_a_name_in_the_file_that_is_no_setting_is_named_with_the_one_that_was_meant(callkeeper):
    Path(".env").write_text("AZURE_TENANTID=1\nPATH_OF_SOMETHING=2\nGRAPH_RATE=9/1s\n", encoding="utf-8")
    callkeeper("migrate")
    ended = callkeeper("keys", "list")
    assert ended.status == 0
    assert ended.err == (
        f"callkeeper: warning: {Path('.env').absolute()}: AZURE_TENANTID is not a setting and has no effect; "
        "did you mean AZURE_TENANT_ID?\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        "keys create reports",
        "keys list",
        "sessions list",
        "inbox",
        "purge --older-than 400d",
        "export --format ndjson --out files",
    ],
)
def test_a_command_that_works_on_the_database_needs_no_setting_of_entra(callkeeper, environment, arguments):
    environment(AZURE_TENANT_ID=None, AZURE_CLIENT_ID=None, AZURE_CLIENT_SECRET=None, PUBLIC_URL=None)
    assert callkeeper("migrate").status == 0
    ended = callkeeper(*arguments.split())
    assert ended.status == 0, ended.err


def test_with_several_tenants_one_must_be_named(callkeeper, environment):
    environment(AZURE_TENANT_ID=f"{TENANT},{OTHER_TENANT}")
    ended = callkeeper("fetch", CALL)
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert OTHER_TENANT in ended.err
    assert callkeeper("fetch", CALL, "--tenant", OTHER_TENANT.replace("-", "").upper()).status == 0


@pytest.mark.parametrize("command", ["migrate", "inbox"])
def test_a_database_that_is_not_there_is_one_line_without_its_password(callkeeper, environment, free_tcp_port, command):
    environment(DATABASE_URL=f"postgresql://user:s3cret@127.0.0.1:{free_tcp_port}/db")
    ended = callkeeper(command)
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert "PostgreSQL does not answer" in ended.err
    assert "s3cret" not in ended.err


def test_a_file_that_is_no_database_is_one_line(callkeeper, tmp_path):
    file = tmp_path / "callkeeper.db"
    file.touch(0o600)  # a file that is open to others is corrected, which is a line too
    file.write_text("Dear Sir or Madam, " * 100)
    for command in ("migrate", "inbox"):
        ended = callkeeper(command)
        assert (ended.status, ended.err.count("\n")) == (1, 1)
        assert "not a database" in ended.err


def test_a_folder_that_cannot_be_made_is_named(callkeeper, environment, tmp_path):
    (tmp_path / "file").write_text("")
    environment(DATABASE_URL=f"sqlite:///{tmp_path}/file/callkeeper.db")
    ended = callkeeper("migrate")
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert f"{tmp_path}/file" in ended.err
