"""The archive of the demo's company, collected by a running service, and a user who counts the steps of a task."""

import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from app.archive.upgrade.match_again import MatchAgain
from app.db import Database
from app.simulator.company.month import Company
from app.simulator.server import start as start_graph
from app.simulator.world import World
from tests.flow.programs import Fork
from tests.flow.service import Service, environment, free_port
from tests.waiting import until
from tests.web.pages.browser.collected_service import REFUSED, counted, is_failed, refuse

MOST_STEPS = 5


class DemoArchive:
    """``calls`` are the documents of the company, oldest day first."""

    def __init__(self, world, service, calls, variables, folder):
        self.world = world
        self.service = service
        self.calls = calls
        self._variables = variables
        self.folder = folder
        self._commands = 0

    @property
    def url(self):
        return self.service.url

    async def run(self, *arguments):
        """A command of an administrator on the server: what it printed."""
        self._commands += 1
        log = self.folder / f"command-{self._commands}.txt"
        program = Fork(arguments, self._variables, self.folder, log)
        assert await program.ended() == 0, program.text()
        return program.text()

    async def match_again(self):
        """Match the calls with changed lists now, and count the days; the service would do it a minute later."""
        url = self._variables["DATABASE_URL"]
        database = Database.open(url)
        await until(lambda: is_matched(self.service, MatchAgain(database, holder="the test", rest=0)))
        await database.close()
        await counted(url)
        await until(lambda: is_counted(self.service, len(self.calls)))


@asynccontextmanager
async def demo_archive(key, folder, database_url):
    """Graph lists the company's calls and refuses one record; the service has collected and counted the others."""
    running = await start_graph(ca_file=folder / "ca.pem", world=World(seed=1, key=key))
    running.world.change_settings({"batch_pause_s": 0, "throttle": False})
    company = Company(running.world.tenant_id, datetime.now(UTC), seed=1)
    calls = list(company.calls())
    for document in calls:
        running.world.put(document, notify=False)
    refuse(running.world, REFUSED)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = environment(running, folder / "ca.pem", database_url, PUBLIC_URL=url)
    program = Fork(("serve", "--port", str(port)), variables, folder, folder / "serve.log")
    service = Service(program, url)
    try:
        await service.listens()
        await service.holds([call["id"] for call in calls])
        await until(lambda: is_failed(service, REFUSED))
        await counted(database_url)
        await until(lambda: is_counted(service, len(calls)), progress=lambda: os.times().elapsed // 5)
        database_only = {name: value for name, value in variables.items() if not name.startswith(("AZURE_", "GRAPH_"))}
        database_only.pop("PUBLIC_URL")
        yield DemoArchive(running.world, service, calls, database_only, folder)
    finally:
        await service.http.aclose()
        await program.kill()
        await running.stop()


async def is_matched(service, job):
    await job.once()
    return "still to be matched" not in (await service.http.get("/sites")).text


async def is_counted(service, calls):
    page = (await service.http.get("/quality")).text
    return "being counted again" not in page and f">{calls}</a>" in page


class User:
    """Each method is one step; a task has at most five."""

    def __init__(self, page):
        self.page = page
        self.steps = 0

    def _step(self):
        self.steps += 1
        assert self.steps <= MOST_STEPS

    async def open(self, name):
        """A page from the bar at the top."""
        self._step()
        await self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()

    async def follow(self, name, within=None):
        self._step()
        await (within or self.page).get_by_role("link", name=name).first.click()

    async def press(self, name):
        self._step()
        await self.page.get_by_role("button", name=name).first.click()

    async def unfold(self, text):
        self._step()
        await self.page.get_by_text(text).first.click()

    async def choose(self, label, value):
        self._step()
        await self.page.get_by_label(label, exact=True).select_option(value)

    async def fill(self, label, text):
        self._step()
        await self.page.get_by_label(label, exact=True).fill(text)

    async def search(self, text):
        """In the field at the top."""
        self._step()
        await self.page.locator("#find").fill(text)
        await self.page.locator("#find").press("Enter")

    async def calls(self):
        """Ids of the calls in the list, in its order."""
        await self.page.locator("tr[data-call]").first.wait_for()
        rows = self.page.locator("tr[data-call]")
        return await rows.evaluate_all("rows => rows.map(row => row.dataset.call)")
