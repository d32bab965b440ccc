"""The blocks that say `run` are run as they are written, a page's in one shell, beside a service that collects."""

import shutil

import pytest

from tests.docs import pages
from tests.docs.stage import Stage

PAGES = [page for page in pages.names() if any(block.mark == "run" for block in pages.blocks(page))]


@pytest.mark.skipif(shutil.which("curl") is None, reason="the pages ask with curl, which is not here")
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work_as_they_are_written(page, collecting):
    done = collecting.run(script(page))
    assert done.returncode == 0, done.stdout


def script(page):
    """The page's blocks, each announced, so that the output tells which one failed."""
    return "\n".join(f"echo '--- {b.place}'\n{b.text}" for b in pages.blocks(page) if b.mark == "run")


def test_a_command_that_fails_fails_the_page(tmp_path, stage):
    assert Stage(tmp_path, 1, {}).run("false | cat\ntrue").returncode == 1
    assert stage.run("callkeeper sing").returncode == 2
    assert stage.run("callkeeper subscriptions delete nothing\ntrue").returncode == 1
