"""README.md's two ways to begin, which run until they are stopped: the demo, and the service with SQLite."""

import re
import subprocess

import pytest

from tests.docs import pages
from tests.flow.waiting import until

pytestmark = pytest.mark.anyio

BEGINNINGS = [block for block in pages.blocks("README.md") if block.mark.endswith("test_starting.py")]


def as_written(first_word):
    return next(block.text for block in BEGINNINGS if first_word in block.text.split()[0])


def test_this_file_runs_all_that_the_readme_says_it_does():
    assert [block.text.split()[0] for block in BEGINNINGS] == ["make", ".venv/bin/callkeeper"]


async def test_the_service_starts_with_sqlite_and_makes_its_subscription(stage, running, tmp_path):
    log = tmp_path / "serve.log"
    async with stage.started(as_written("callkeeper"), log) as process:
        await stage.serving(process, log)
        await running.world.subscriptions.first.wait()
    assert (stage.folder / "data" / "callkeeper.db").is_file()


async def test_make_demo_lets_calls_arrive_where_everything_is_installed(stage, tmp_path):
    out = tmp_path / "demo.txt"
    # The port that the demo takes by itself may be another's here; all else is what make would do.
    made = subprocess.run(
        [*as_written("make").split(), "--dry-run"], cwd=stage.folder, capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == ".venv/bin/callkeeper demo"
    async with stage.started(f"{made.stdout.strip()} --port 8000", out):
        await until(lambda: re.search(r"^\d{4}-\d\d-\d\d .* v1 ", out.read_text(), re.MULTILINE), told=out.read_text)
