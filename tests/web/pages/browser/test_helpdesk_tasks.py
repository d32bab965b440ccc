"""What a helpdesk and an administrator look for in the demo's archive: each task takes at most five steps."""

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from app.simulator.company import company_files, connections, sites, staff
from app.simulator.company.month import Company
from tests.some import some
from tests.web.pages.browser.collected_service import REFUSED
from tests.web.pages.browser.conftest import sign_in, visiting
from tests.web.pages.browser.demo_archive import MOST_STEPS, User, demo_archive

pytestmark = pytest.mark.anyio
BERLIN = ZoneInfo("Europe/Berlin")
MILL_LANE = sites.MILL_LANE.name
MILL_LANE_SUBNETS = {subnet.address for subnet in sites.MILL_LANE.subnets}


@pytest.fixture(scope="module")
async def archive(anyio_backend, browser, key, sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    file = folder / "callkeeper.db"
    file.write_bytes(sqlite_template.read_bytes())
    async with demo_archive(key, folder, f"sqlite:///{file}") as archive:
        yield archive


@pytest.fixture(scope="module")
async def signed_in_page(browser, archive):
    async with visiting(browser, archive) as page:
        await sign_in(page, archive)
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield page


@pytest.fixture
async def user(signed_in_page, archive):
    """On the overview, signed in as an administrator."""
    await signed_in_page.goto(archive.url)
    return User(signed_in_page)


def names(call):
    return {(one["identity"]["user"] or {}).get("displayName") for one in call["participants_v2"]}


def numbers(call):
    return [phone["id"] for one in call["participants_v2"] if (phone := one["identity"]["phone"])]


def session_that_dropped(call):
    return next(
        (session for session in call["sessions"] if (session["failureInfo"] or {}).get("stage") == "midcall"), None
    )


async def text(page):
    return " ".join((await page.locator("main").inner_text()).split())


@pytest.fixture(scope="module")
async def sites_of_company(archive):
    """The building file and the names of access points are imported, and all calls are matched with them."""
    company_files.write(archive.folder, archive.world)
    await archive.run("sites", "import", str(archive.folder / company_files.BUILDINGS))
    await archive.run("sites", "access-points", str(archive.folder / company_files.NAMES))
    await archive.match_again()


def subnets(call):
    ends = [(one["callerNetwork"], one["calleeNetwork"]) for one in media_of(call)]
    return {end["subnet"] for both in ends for end in both if end}


def media_of(call):
    return [one for session in call["sessions"] for segment in session["segments"] for one in segment["media"]]


# -- the helpdesk


async def test_the_poor_calls_of_a_bad_monday(user, archive):
    monday = connections.outage_day(datetime.now(UTC)).strftime("%Y-%m-%d")
    await user.open("Quality")
    await user.unfold("Show as a table")
    await user.follow(monday)
    found = await user.calls()
    there = {call["id"]: call for call in archive.calls if call["startDateTime"].startswith(monday)}
    assert 5 < len(found) < len(there)
    assert set(found) <= set(there)


async def test_the_worst_wifi(user):
    await user.open("Quality")
    worst = user.page.locator("[aria-labelledby=by-subnet] tbody tr").filter(has_text="worse")
    bad = worst.filter(has_text="10.30.16.0")  # the network with the bad access point
    await user.follow("10.30.16.0", bad)
    assert len(await user.calls()) > 10


async def test_the_worst_headset(user):
    await user.open("Quality")
    worst = user.page.locator("[aria-labelledby=by-device] tbody tr").first
    assert staff.BAD_HEADSET in await worst.inner_text()
    assert "worse" in await worst.inner_text()
    await user.follow("poor of", worst)
    assert len(await user.calls()) > 5


async def test_calls_with_numbers_that_begin_with_a_prefix(user, archive):
    wanted = {call["id"] for call in archive.calls if any(one.startswith("+41") for one in numbers(call))}
    await user.search("+41*")
    await user.follow("All calls")
    found = await user.calls()
    assert set(found) <= wanted
    assert len(found) == min(len(some(wanted)), 50)


async def test_whether_a_person_was_in_the_meeting_and_when_the_connection_was_lost(user, archive):
    call = next(call for call in reversed(archive.calls) if session_that_dropped(call))
    session = session_that_dropped(call)
    name = session["caller"]["associatedIdentity"]["displayName"]
    await user.search(name)
    await user.follow("All calls")
    await user.page.locator(f"tr[data-call='{call['id']}'] a").first.click()
    user.steps += 1
    assert "lost the connection" in await text(user.page)
    lane = user.page.locator(f"li.lane[data-name*='{name.lower()}']").first
    await lane.locator(".lane-links a").first.click()
    user.steps += 1
    ended = datetime.fromisoformat(session["endDateTime"]).astimezone(BERLIN)
    await user.page.locator("#session").get_by_text(ended.strftime("%H:%M")).first.wait_for()
    assert user.steps <= MOST_STEPS


async def test_the_pattern_of_a_person_who_often_has_poor_calls(user):
    await user.search(staff.AT_HOME)
    await user.follow(staff.AT_HOME)
    assert "9 of 11 poor calls" in await text(user.page)
    assert "2.4 GHz" in await text(user.page)


async def test_the_finding_of_a_call_as_text_for_a_ticket(user):
    await user.search(staff.AT_HOME)
    await user.page.locator("tr[data-call]").filter(has_text="poor").locator("a").first.click()
    await user.press("Copy summary")
    await user.page.locator(".diagnosis [role=status]").get_by_text("copied").wait_for()
    copied = await user.page.evaluate("navigator.clipboard.readText()")
    assert staff.AT_HOME in copied
    assert "/calls/" in copied


async def test_times_in_another_zone(user):
    await user.open("Calls")
    await user.follow("Europe/Berlin")
    await user.choose("Time zone", "America/New_York")
    await user.press("Save")
    assert "Times in America/New_York" in await text(user.page)
    await user.page.context.clear_cookies(name="zone")


async def test_the_calls_through_the_vpn_as_a_file(user):
    await user.open("Quality")
    await user.follow("VPN")
    async with user.page.expect_download() as download:
        await user.follow("Download CSV")
    with (await (await download.value).path()).open(newline="", encoding="utf-8-sig") as file:
        assert len(some(list(csv.DictReader(file)))) > 10


async def test_the_quality_of_all_networks_as_a_file(user):
    await user.open("Quality")
    async with user.page.expect_download() as download:
        await user.follow("Download as CSV")
    with (await (await download.value).path()).open(newline="", encoding="utf-8-sig") as file:
        assert {"subnet", "device"} <= {row["dimension"] for row in csv.DictReader(file)}


async def test_a_call_by_its_id(user, archive):
    await user.search(archive.calls[-1]["id"])
    await user.page.wait_for_url(f"**/calls/{archive.calls[-1]['id']}")


async def test_the_failed_calls(user, archive):
    await user.open("Calls")
    await user.choose("Failed", "true")
    await user.press("Search")
    dropped = {call["id"] for call in archive.calls if session_that_dropped(call)}
    assert dropped & set(await user.calls())


async def test_the_department_of_a_person(user, archive):
    company_files.write(archive.folder, archive.world)
    assert "imported 44 rows" in await archive.run("directory", "import", str(archive.folder / company_files.DIRECTORY))
    await user.search(staff.HEAD)
    assert staff.EXECUTIVE in await user.page.get_by_role("row").filter(has_text=staff.HEAD).first.inner_text()


async def test_the_worst_access_point_of_my_building(user, sites_of_company):
    await user.open("Sites")
    await user.follow(MILL_LANE)
    worst = user.page.locator("[aria-labelledby=by-access_point] tbody tr").first
    name = sites.ACCESS_POINTS[sites.BAD_ACCESS_POINT]
    assert name in await worst.inner_text()
    calls = int(await worst.locator("td").last.inner_text())
    await user.follow(name, worst)
    assert len(await user.calls()) == calls > 10


# -- the administrator


async def test_whether_calls_are_being_collected(user, archive):
    assert "Collecting" in await text(user.page)
    assert f"{len(archive.calls)} in total" in await text(user.page)


async def test_a_record_that_failed_is_retried(user):
    await user.follow("Review and retry")
    assert REFUSED in await text(user.page)
    await user.press(f"Retry {REFUSED}")
    assert "due now" in await text(user.page)


async def test_the_subscription_is_renewed(user):
    await user.open("Subscriptions")
    await user.press("Renew now")
    result = user.page.get_by_role("status").filter(has_text=re.compile("renewed", re.IGNORECASE))
    await result.first.wait_for()  # renewed, or skipped because it was renewed a moment before


async def test_a_key_that_only_reads_and_expires(archive):
    await archive.run("keys", "create", "reports", "--scope", "read", "--expires", "90d")
    (key,) = json.loads(await archive.run("keys", "list", "--json"))
    expires = datetime.fromisoformat(key["expires_at"]) - datetime.now(UTC)
    assert (key["scope"], expires > timedelta(days=89)) == ("read", True)


async def test_a_key_that_expires_is_created_and_revoked_on_a_page(user):
    await user.open("Keys")
    await user.fill("Name", "dashboard")
    await user.fill("Expires after", "30d")
    await user.press("Create")
    assert "dashboard" in await text(user.page)
    await user.press("Revoke dashboard")
    assert "revoked" in await text(user.page)


async def test_who_viewed_calls_of_the_head_of_the_company(user, archive):
    (head,) = [one for one in Company(archive.world.tenant_id, datetime.now(UTC), 1).staff if one.name == staff.HEAD]
    seen = next(call for call in archive.calls if staff.HEAD in names(call))
    await archive.service.http.get(f"/calls/{seen['id']}")
    await user.open("Audit")
    await user.fill("Viewed calls of", head.person.upn)
    await user.press("Search")
    assert seen["id"] in await text(user.page)


async def test_a_key_for_one_site_reads_only_the_calls_of_that_site(user, archive, sites_of_company):
    await user.open("Keys")
    await user.fill("Name", "mill-lane")
    await user.fill("Expires after", "30d")
    await user.fill("Only calls of site", MILL_LANE)
    await user.press("Create")
    assert await user.page.get_by_role("row").filter(has_text="mill-lane").get_by_text("in 29 d").count() == 1
    key = await user.page.locator("code.secret").inner_text()
    there = {call["id"] for call in archive.calls if MILL_LANE_SUBNETS & subnets(call)}
    async with httpx.AsyncClient(base_url=archive.url, headers={"Authorization": f"Bearer {key}"}) as client:
        found = {call["id"] for call in (await client.get("/api/calls", params={"limit": 200})).json()["items"]}
        assert found == there != set()
        assert (await client.get("/api/people", params={"q": staff.HEAD})).status_code == 403


async def test_last_month_as_files(archive):
    await archive.run("export", "--format", "csv", "--out", "month", "--table", "call_records", "--since", "31d")
    files = sorted((archive.folder / "month").rglob("*.csv"))
    assert len(some(files)) > 20


async def test_a_person_is_deleted(archive):
    person = next(one for one in archive.calls[-1]["participants_v2"] if one["identity"]["user"])
    assert "Nothing was changed." in await archive.run("erase", person["id"], "--dry-run")
    await archive.run("erase", person["id"])
    found = (await archive.service.http.get("/api/calls", params={"participant": person["id"]})).json()["items"]
    assert found == []
