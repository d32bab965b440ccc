"""The blocks that say `run` are run as they are written, a page's in one shell, beside a service that collects."""

import httpx
import pytest

from tests.docs import pages
from tests.docs.stage import Stage
from tests.flow.waiting import until

pytestmark = pytest.mark.anyio

PAGES = [page for page in pages.names() if any(block.mark == "run" for block in pages.blocks(page))]


@pytest.fixture
async def collecting(stage, tmp_path):
    """The service, once it has collected what there is."""
    log = tmp_path / "serve.log"
    async with stage.started("callkeeper serve --port 8000", log) as process:
        await stage.serving(process, log)
        async with httpx.AsyncClient(trust_env=False) as http:
            await until(lambda: _has_collected(http, stage.url), told=log.read_text)
        yield stage


async def _has_collected(http, url):
    return "callkeeper_records_stored_total" in (text := (await http.get(f"{url}/metrics")).text) and " 3.0" in text


@pytest.mark.parametrize("page", PAGES)
async def test_the_commands_of_a_page_work_as_they_are_written(page, collecting, tmp_path):
    out = tmp_path / "out.txt"
    async with collecting.started(script(page), out) as process:
        await until(lambda: process.poll() is not None, seconds=60, told=out.read_text)
    assert process.returncode == 0, out.read_text()


def script(page):
    """The page's blocks, each announced, so that the output tells which one failed."""
    lines = [f"echo '--- {block.place}'\n{block.text}" for block in pages.blocks(page) if block.mark == "run"]
    return "\n".join(lines)


async def test_a_command_that_fails_fails_the_page(tmp_path):
    out = tmp_path / "out.txt"
    async with Stage(tmp_path, 1, {}).started("false | cat\ntrue", out) as process:
        await until(lambda: process.poll() is not None, told=out.read_text)
    assert process.returncode == 1
