"""`make screenshots`: the pictures of docs/images, from the demo's own story, each at one size in light and dark."""

import asyncio
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import async_playwright

from tests.flow.service import free_port
from tests.waiting import until
from tests.web.pages.browser import chromium

FOLDER = Path(__file__).parents[4] / "docs" / "images"
SIZE = {"width": 1280, "height": 800}
MEETING = re.compile(r"^[-\d]+ [\d:]+ +([0-9a-f-]{36}).* 400 people", re.MULTILINE)
CALL_LINE = re.compile(r"^[-\d]+ [\d:]+ +[0-9a-f-]{36}", re.MULTILINE)
KEY = re.compile(r"^API key +(\S+)", re.MULTILINE)
ENOUGH = 22  # lines of calls: the demo has shown its story, later versions included
LONGEST = 180.0  # seconds until then


def main():
    if chromium.path() is None:
        sys.exit(chromium.NONE)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        with demo(Path(folder) / "demo.txt", port) as out:
            asyncio.run(pictures(f"http://127.0.0.1:{port}", out))


@contextmanager
def demo(out, port):
    """Runs the demo; the file with its output."""
    command = [sys.executable, "-m", "app", "demo", "--port", str(port)]
    with out.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            yield out
        finally:
            process.terminate()


async def pictures(url, out):
    key, meeting = await key_and_meeting(out)
    places = {"overview": "/?range=7d", "calls": "/calls", "call": f"/calls/{meeting}", "quality": "/quality"}
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright)
        for scheme in ("light", "dark"):
            context = await browser.new_context(viewport=SIZE, color_scheme=scheme, timezone_id="Europe/Berlin")
            page = await context.new_page()
            await page.goto(f"{url}/sign-in")
            await page.get_by_label("API key").fill(key)
            await page.get_by_role("button", name="Sign in").click()
            for name, place in places.items():
                await page.goto(url + place, wait_until="load")
                await page.screenshot(path=FOLDER / f"{name}-{scheme}.png", animations="disabled")
        await browser.close()


async def key_and_meeting(out):
    """The key and the meeting's id, once the demo has shown its story."""
    await until(
        lambda: len(CALL_LINE.findall(out.read_text())) >= ENOUGH and MEETING.search(out.read_text()), seconds=LONGEST
    )
    text = out.read_text()
    return KEY.search(text)[1], MEETING.search(text)[1]


if __name__ == "__main__":
    main()
