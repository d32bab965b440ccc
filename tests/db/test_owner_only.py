"""The database's files, exports and backups are for their owner alone, whatever the umask and whoever created them."""

import os
import stat
import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from app.db import Database
from app.db.files import owner_only
from app.db.schema_version import migrate
from tests.sample_settings import GOOD

pytestmark = pytest.mark.anyio


@pytest.fixture
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder):
    return {file.name: oct(stat.S_IMODE(file.stat().st_mode)) for file in folder.rglob("*") if file.is_file()}


async def test_a_new_database_and_its_log_are_for_the_owner_alone(tmp_path, open_umask):
    database = Database.open(f"sqlite:///{tmp_path}/callkeeper.db")
    await migrate(database)
    assert modes(tmp_path) == dict.fromkeys(("callkeeper.db", "callkeeper.db-wal", "callkeeper.db-shm"), "0o600")
    await database.close()


async def test_files_of_an_older_program_are_corrected_and_logged(tmp_path, open_umask):
    url = f"sqlite:///{tmp_path}/callkeeper.db"
    older = Database.open(url)
    await migrate(older)
    for file in tmp_path.iterdir():
        file.chmod(0o664)
    with capture_logs() as logged:
        await Database.open(url).close()
    assert set(modes(tmp_path).values()) == {"0o600"}
    [line] = [one for one in logged if one["event"] == "file_permissions_corrected"]
    assert (line["count"], sorted(line["files"])) == (3, sorted(modes(tmp_path)))
    with capture_logs() as logged:
        await Database.open(url).close()
    assert logged == []
    await older.close()


async def test_permissions_that_cannot_be_removed_are_logged(tmp_path, monkeypatch):
    file = tmp_path / "callkeeper.db"
    file.touch()
    file.chmod(0o644)
    monkeypatch.setattr(type(file), "chmod", lambda *_, **__: None)  # as some network file systems
    with capture_logs() as logged:
        owner_only.restrict([file])
    assert [one["event"] for one in logged] == ["file_permissions_not_corrected"]


@pytest.mark.slow
def test_whatever_a_command_creates_is_for_the_owner_alone(tmp_path, open_umask):
    """Real files of real processes whose umask hides nothing."""
    settings = GOOD | {"DATABASE_URL": f"sqlite:///{tmp_path}/data/callkeeper.db"}
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | settings
    environment["PYTHONPATH"] = os.getcwd()  # noqa: PTH109
    for command in (["migrate"], ["backup", "copy.db"], ["export", "--format", "csv", "--out", "out"]):
        subprocess.run([sys.executable, "-m", "app", *command], cwd=tmp_path, env=environment, check=True)
    found = modes(tmp_path)
    assert {"callkeeper.db", "copy.db", ".lock", "_manifest.json"} <= found.keys()
    assert set(found.values()) == {"0o600"}
    assert {oct(stat.S_IMODE((tmp_path / name).stat().st_mode)) for name in ("data", "out")} == {"0o700"}
