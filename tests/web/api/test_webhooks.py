"""/api/webhooks and /webhooks: administrators add webhooks, whose secret is shown once, and see what was delivered."""

import re
from datetime import UTC, datetime

import pytest

from app.outbound.registry import webhooks
from app.outbox import writing
from app.outbox.event import CALL_POOR, call_event
from tests.web.application import OTHER, TENANT
from tests.web.auth.guarded import caller
from tests.web.pages.browser_client import post_form, redirect_of, signed_in
from tests.web.pages.html_text import words

pytestmark = pytest.mark.anyio

NEW = {"url": "https://hooks.example.com/calls?token=topsecret", "events": ["call.poor"]}
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{40,}")


async def wrote(database, *calls, tenant=TENANT):
    async with database.begin() as db:
        return await writing.write(db, [call_event(CALL_POOR, tenant, call) for call in calls], datetime.now(UTC))


async def test_a_webhook_is_added_listed_without_its_secrets_and_removed(app, database):
    async with caller(app, database, "ops", "admin") as client:
        added = await client.post("/api/webhooks", json=NEW)
        assert added.status_code == 201
        webhook_id, secret = added.json()["id"], added.json()["secret"]
        assert SECRET.fullmatch(secret)
        listed = await client.get("/api/webhooks")
        [one] = listed.json()["items"]
        assert (one["id"], one["url"], one["created_by"]) == (webhook_id, "https://hooks.example.com/calls/…", "ops")
        assert "topsecret" not in listed.text
        assert secret not in listed.text
        await wrote(database, *(f"call {number}" for number in range(3)))
        page = (await client.get(f"/api/webhooks/{webhook_id}/deliveries?limit=2")).json()
        rest = await client.get(
            f"/api/webhooks/{webhook_id}/deliveries", params={"limit": 2, "cursor": page["next_cursor"]}
        )
        assert [each["type"] for each in (*page["items"], *rest.json()["items"])] == [CALL_POOR] * 3
        assert (await client.post(f"/api/webhooks/{webhook_id}/replay")).json() == {"queued": 0}
        assert (await client.delete(f"/api/webhooks/{webhook_id}")).status_code == 204
        assert (await client.get("/api/webhooks")).json() == {"items": []}
        assert (await client.delete(f"/api/webhooks/{webhook_id}")).status_code == 404


WRONG = [
    ({"url": "https://169.254.169.254/"}, "no webhook may use"),
    ({"url": "http://hooks.example.com/"}, "must start with https"),
    ({"events": ["call.deleted"]}, "is no event type"),
    ({"format": "carrier"}, "is no format"),
    ({"events": "call.poor"}, "events"),
]


async def test_a_webhook_that_cannot_work_is_refused_and_a_reader_changes_nothing(app, database, subtests):
    async with caller(app, database, "ops", "admin") as client, caller(app, database, "reports") as reader:
        for changes, said in WRONG:
            with subtests.test(said=said):
                answer = await client.post("/api/webhooks", json=NEW | changes)
                assert answer.status_code == 422
                assert said in answer.json()["detail"]
        assert (await reader.post("/api/webhooks", json=NEW)).status_code == 403
        assert (await reader.get("/api/webhooks")).json() == {"items": []}


async def test_a_key_of_one_tenant_manages_webhooks_of_this_tenant_alone(app, database):
    async with (
        caller(app, database, "ops", "admin") as everywhere,
        caller(app, database, "ours", "admin", TENANT) as ours,
    ):
        of_all = (await everywhere.post("/api/webhooks", json=NEW)).json()["id"]
        of_ours = (await ours.post("/api/webhooks", json=NEW)).json()["id"]
        assert [one["id"] for one in (await ours.get("/api/webhooks")).json()["items"]] == [of_ours]
        assert (await ours.post("/api/webhooks", json=NEW | {"tenants": [OTHER]})).status_code == 403
        for path in (f"/api/webhooks/{of_all}/deliveries",):
            assert (await ours.get(path)).status_code == 404
        assert (await ours.delete(f"/api/webhooks/{of_all}")).status_code == 404
        assert await wrote(database, "a call", tenant=OTHER) == 1


async def test_the_page_shows_a_new_secret_once_and_what_was_delivered(app, database):
    async with signed_in(app) as browser:
        fields = {"url": NEW["url"], "format": "standard", CALL_POOR: "on"}
        added = await post_form(browser, "/webhooks", **fields)
        secret = SECRET.search(added.text)[0]
        async with database.reading() as db:
            [row] = await webhooks.listed(db, None)
        listed = (await browser.get(f"/webhooks?id={row.id}")).text
        assert secret not in listed
        assert "topsecret" not in listed
        assert redirect_of(await post_form(browser, f"/webhooks/{row.id}/test")) == f"/webhooks?id={row.id}&done=tested"
        shown = words((await browser.get(f"/webhooks?id={row.id}&state=pending&done=tested")).text)
        assert "test.ping" in shown
        rotated = await post_form(browser, f"/webhooks/{row.id}/rotate")
        assert SECRET.search(rotated.text)[0] != secret
        wrong = await post_form(browser, "/webhooks", url="https://10.0.0.1/", format="standard", **{CALL_POOR: "on"})
        assert wrong.status_code == 422
        assert "WEBHOOK_ALLOW" in wrong.text
        for action in ("replay", "enable"):
            assert redirect_of(await post_form(browser, f"/webhooks/{row.id}/{action}")).endswith("d")
        assert (await post_form(browser, f"/webhooks/{row.id}/paint")).status_code == 404
        assert redirect_of(await post_form(browser, f"/webhooks/{row.id}/remove")) == "/webhooks?done=removed"
        assert "There are no webhooks" in (await browser.get("/webhooks")).text
