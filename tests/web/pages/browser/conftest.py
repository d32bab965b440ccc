"""One browser, one collected service and one signed-in page for the tests of this folder in a process.

A browser context of its own costs a test as much as ten visits to a page; only tests that change the context have one.
"""

from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from playwright.async_api import async_playwright

from tests.flow.service import KEY
from tests.web.pages.browser import axe, chromium
from tests.web.pages.browser.collected_service import collected_service as start_collected_service
from tests.web.pages.browser.page_watch import PageWatch

WINDOW = {"width": 1280, "height": 900}
PATIENCE = 15_000  # milliseconds; only a broken page takes longer
REASONS = (chromium.NONE, axe.NO_NPM, axe.NOT_INSTALLED)


def pytest_terminal_summary(terminalreporter):
    """Warns about skipped browser tests: a run without the browser is incomplete."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason in REASONS:
        if count := sum(1 for report in skipped if reason in str(report.longrepr)):
            terminalreporter.section("THE PAGES WERE NOT LOOKED AT", sep="!", red=True, bold=True)
            terminalreporter.line(f"{count} tests were skipped: {reason}.")


@pytest.fixture(scope="package")
def anyio_backend():
    """One event loop for the browser, the archive and the tests of this folder."""
    return "asyncio"


@pytest.fixture(scope="session")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="package")
async def browser(anyio_backend):
    if chromium.path() is None:
        pytest.skip(chromium.NONE)
    async with async_playwright() as playwright:
        browser = await chromium.launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture(scope="package")
async def service(anyio_backend, browser, key, sqlite_template, tmp_path_factory):
    """On SQLite. Tests may add calls, but change nothing else."""
    folder = tmp_path_factory.mktemp("service")
    file = folder / "callkeeper.db"
    file.write_bytes(sqlite_template.read_bytes())
    async with start_collected_service(key, folder, f"sqlite:///{file}") as service:
        yield service


@pytest.fixture(scope="package")
async def signed_in(browser, service):
    """The cookies of an administrator. A test that signs out needs its own."""
    async with visiting(browser, service) as page:
        await sign_in(page, service)
        return await page.context.storage_state()


@pytest.fixture(scope="package")
def axe_core():
    try:
        return axe.script()
    except LookupError as missing:
        pytest.skip(str(missing))


async def sign_in(page, service, key=KEY):
    await page.goto(f"{service.url}/sign-in")
    await page.get_by_label("API key").fill(key)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(lambda url: "/sign-in" not in url)


@asynccontextmanager
async def visiting(browser, service, **options):
    """A page in a new browser context; ``page.watch`` records its side effects."""
    usual = {"viewport": WINDOW, "timezone_id": "Europe/Berlin", "locale": "en-GB"}
    context = await browser.new_context(**usual | options)
    context.set_default_timeout(PATIENCE)
    try:
        page = await context.new_page()
        page.watch = PageWatch(page, service.url)
        yield page
    finally:
        await context.close()


@pytest.fixture
async def visit(browser, service):
    """Opens a page in a new context; with ``storage_state=`` it is signed in."""
    async with AsyncExitStack() as stack:

        async def visit(**options):
            return await stack.enter_async_context(visiting(browser, service, **options))

        yield visit


@pytest.fixture
async def own_page(visit, signed_in):
    """A signed-in page in a new context, for a test that changes the context or needs an empty cache."""
    return await visit(storage_state=signed_in)


@pytest.fixture(scope="package")
async def shared_page(browser, service, signed_in):
    async with visiting(browser, service, storage_state=signed_in) as page:
        yield page


@pytest.fixture
async def page(shared_page):
    """A signed-in page that the tests share, as a new one looks."""
    await shared_page.goto("about:blank")
    await shared_page.set_viewport_size(WINDOW)
    await shared_page.emulate_media(color_scheme="null")
    await shared_page.mouse.move(-1, -1)
    shared_page.watch.clear()
    return shared_page
