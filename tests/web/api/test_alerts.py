"""/api/alerts and /alerts: who sees which alerts, and who acknowledges."""

from datetime import UTC, datetime

import pytest

from app.alerts.tables import alerts
from tests.web.application import OTHER, TENANT
from tests.web.auth.guarded import caller
from tests.web.pages.browser_client import post_form, redirect_of, signed_in
from tests.web.pages.html_text import words

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def an_alert(database, fingerprint, tenant, value):
    async with database.begin() as db:
        await db.execute(
            alerts.insert().values(
                fingerprint=fingerprint,
                rule="site_audio",
                tenant_id=tenant,
                dimension="site",
                value=value,
                state="firing",
                severity="critical",
                hour=492_000,
                judged=61,
                poor=14,
                calls=30,
                threshold=0.05,
                fired_at=NOW,
                seen_at=NOW,
            )
        )


async def test_alerts_are_listed_and_acknowledged_within_the_tenants_of_the_key(app, database):
    await an_alert(database, "ours", TENANT, "AAR-2")
    await an_alert(database, "theirs", OTHER, "ODE-1")
    async with caller(app, database, "ops", "admin", TENANT) as ours, caller(app, database, "reports") as reader:
        [one] = (await ours.get("/api/alerts?state=firing")).json()["items"]
        assert (one["fingerprint"], one["title"], one["poor"]) == ("ours", "Poor quality: site AAR-2", 14)
        assert len((await reader.get("/api/alerts")).json()["items"]) == 2
        assert (await ours.post("/api/alerts/theirs/acknowledge")).status_code == 404
        assert (await reader.post("/api/alerts/ours/acknowledge")).status_code == 403
        assert (await ours.post("/api/alerts/ours/acknowledge")).json() == {"acknowledged": 1}
        [one] = (await ours.get("/api/alerts")).json()["items"]
        assert one["acknowledged_by"] == "ops"


async def test_the_page_shows_an_alert_with_its_calls_and_acknowledges_it(app, database):
    await an_alert(database, "ours", TENANT, "AAR-2")
    async with signed_in(app) as browser:
        text = (await browser.get("/alerts?state=firing")).text
        assert "Poor quality: site AAR-2" in words(text)
        assert "14 of 61" in words(text)
        calls = text.split('href="/calls?')[1].split('"')[0].replace("&amp;", "&")
        assert (await browser.get(f"/calls?{calls}")).status_code == 200
        done = redirect_of(await post_form(browser, "/alerts/ours/acknowledge"))
        assert "is acknowledged" in words((await browser.get(done)).text)
        assert (await post_form(browser, "/alerts/unknown/acknowledge")).status_code == 404
