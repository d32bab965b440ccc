"""`callkeeper status` while the disk of a SQLite file is full, beside a process that has the file open."""

import asyncio
import subprocess
from contextlib import suppress

import pytest

from app.db import Database, schema_version
from app.db.outage.causes import DISK_FULL, WORDS


@pytest.fixture
def disk(tmp_path):
    """A file system of its own of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder):
    file = folder / "filler"
    with suppress(OSError), file.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(4096))
    return file


def test_a_full_disk_is_said_and_the_exit_status_is_1_until_there_is_space(callkeeper, environment, disk):
    url = f"sqlite:///{disk}/callkeeper.db"
    environment(DATABASE_URL=url)
    with asyncio.Runner() as runner:
        serving = Database.open(url)
        runner.run(schema_version.migrate(serving))
        assert WORDS[DISK_FULL] not in callkeeper("status").out
        filler = fill(disk)
        ended = callkeeper("status")
        assert (ended.status, ended.err) == (1, "")
        assert WORDS[DISK_FULL] in ended.out
        assert "collecting" not in ended.out
        filler.unlink()
        assert WORDS[DISK_FULL] not in callkeeper("status").out
        runner.run(serving.close())
