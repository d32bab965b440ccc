"""Every read is recorded before it is answered: who, when, which route, which record; never a name."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from tests import waiting
from tests.web.application import TENANT, calling, opened
from tests.web.auth.guarded import OURS, ROUTES, a_key, caller, filled, ours

pytestmark = pytest.mark.anyio
OF_NO_CALL = ("{file}", "({arguments})", "{webhook_id}", "/deliveries", "/replay", "/acknowledge")


async def audit(api, **query):
    """The entries, without those that these readings leave."""
    items = (await api.get("/api/audit", params={"limit": 200} | query)).json()["items"]
    return [entry for entry in items if entry["route"] != "/api/audit"]


async def test_every_route_leaves_its_template_and_the_record_that_was_asked_for(app, api, database, two_tenants):
    async with caller(app, database, "ops", "admin") as client:
        for method, path in ROUTES:
            status = (await client.request(method, filled(path))).status_code
            newest = (await api.get("/api/audit", params={"who": "ops", "limit": 1})).json()["items"][0]
            assert (newest["method"], newest["route"], newest["status"]) == (method, path, status)
            assert newest["call_id"] == (OURS if "{" in path and not path.endswith(OF_NO_CALL) else None), path
            assert (newest["scope"], newest["tenants"]) == ("admin", None)


async def test_an_entry_says_which_parameters_were_used_but_never_their_values(app, api, database):
    async with caller(app, database, "reports", "read", TENANT) as client:
        before = datetime.now(UTC)
        await client.get("/api/calls", params={"tenant": TENANT, "limit": 7, "ada@contoso.com": "1"})
        await client.get("/api/calls/ada@contoso.com")
    unknown, refused = await audit(api)
    assert refused["parameters"] == ["limit", "tenant"]
    assert (refused["who"], refused["tenants"], refused["status"]) == ("reports", [TENANT], 400)
    assert before <= datetime.fromisoformat(refused["at"]) <= datetime.now(UTC)
    assert (unknown["route"], unknown["call_id"], unknown["status"]) == ("/api/calls/{call_id}", None, 404)
    assert "ada" not in str([unknown, refused])


async def test_a_list_says_how_many_records_it_answered(app, api, database, two_tenants):
    for path in ("/api/calls", "/api/inbox", "/v1.0/communications/callRecords"):
        await api.get(path)
        count = {"/api/calls": 4, "/api/inbox": 2}.get(path, 4)
        assert (await audit(api))[0]["answered"] == count, path


async def test_reading_the_audit_is_in_the_audit(api):
    await api.get("/api/audit")
    (entry,) = (await api.get("/api/audit")).json()["items"]
    assert (entry["who"], entry["route"], entry["answered"]) == ("API_KEY", "/api/audit", 0)


async def test_one_who_may_not_is_recorded_and_one_who_is_unknown_is_counted(app, api, database, metrics):
    async with caller(app, database, "reports") as client, calling(app, key="wrong") as stranger:
        await client.post(f"/api/calls/{OURS}/refetch")
        for _ in range(50):
            await stranger.get("/api/calls")
    (entry,) = await audit(api)
    assert (entry["who"], entry["method"], entry["status"]) == ("reports", "POST", 403)
    assert metrics.refused.labels(reason="key")._value.get() == 50


@pytest.mark.parametrize("error", [OperationalError("INSERT", {}, Exception("disk full")), TimeoutError(), OSError()])
async def test_what_cannot_be_recorded_is_not_answered(app, api, database, monkeypatch, two_tenants, error):
    async def fails(*_):
        raise error

    for path in ("/api/calls", f"/api/calls/{OURS}/record", f"/v1.0/communications/callRecords/{OURS}"):
        with monkeypatch.context() as full:
            full.setattr("app.access.audit.write", fails)
            answer = await api.get(path)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True), path
        assert not [reported for reported in (OURS, "Adalbert", TENANT) if reported in answer.text], path
        assert (await api.get(path)).status_code == 200, path


async def test_a_mistake_of_ours_is_recorded_too(app, api, database, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("app.web.api.status.tenant_states", broken)
    with pytest.raises(ZeroDivisionError):
        await api.get("/api/status")
    assert [(entry["route"], entry["status"]) for entry in await audit(api)] == [("/api/status", 500)]


async def test_the_entry_is_durable_before_the_first_byte_leaves(app, database, monkeypatch, two_tenants):
    """Seen on the wire: nothing is sent while the audit's commit has not returned."""
    from app.access import audit as module  # noqa: PLC0415

    sent, held, write = [], asyncio.Event(), module.write

    async def slow(db, entries):
        await held.wait()
        assert sent == []
        await write(db, entries)

    async def send(message):
        sent.append(message["type"])

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    monkeypatch.setattr(module, "write", slow)
    headers = [(b"x-api-key", (await a_key(database, "reports")).encode())]
    scope = {"type": "http", "method": "GET", "path": "/api/calls", "query_string": b"", "headers": headers}
    asked = asyncio.create_task(app(scope | {"http_version": "1.1", "server": ("x", 1)}, receive, send))
    held.set()
    await asked
    assert sent[0] == "http.response.start"


async def test_pages_of_the_audit_lead_through_all_of_it_while_more_is_read(app, api, database):
    async with caller(app, database, "reports") as client:
        for _ in range(7):
            await client.get("/api/status")
    seen, cursor = [], None
    while True:
        query = {"who": "reports", "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/api/audit", params=query)).json()
        seen += [entry["at"] for entry in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert len(seen) == 7
    assert seen == sorted(seen, reverse=True)


async def test_the_audit_can_be_asked_for_a_time_a_caller_and_a_call(app, api, database):
    await ours(database)
    async with caller(app, database, "reports") as client:
        await client.get(f"/api/calls/{OURS}")
        await client.get("/api/status")
    assert len(await audit(api, who="reports")) == 2
    assert len(await audit(api, call_id=OURS.upper())) == 1
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert await audit(api, **{"from": later}) == []
    assert len(await audit(api, to=later)) == 2


WRONG = [
    {"cursor": "x"},
    {"cursor": ""},
    {"cursor": "WyIyMDI2LTAzLTAxVDEyOjAwOjAwKzAwOjAwIiwiYXVkaXQiLCIxIl0"},  # the right key, unsigned
    {"limit": 0},
    {"limit": 201},
    {"who": "two words"},
    {"call_id": "x"},
    {"from": "yesterday"},
    {"to": "0001-01-01T00:00:00+14:00"},
    {"participant": "Ada"},
]


async def test_wrong_parameters_are_refused_by_name(api, subtests):
    for query in WRONG:
        with subtests.test(query=query):
            answer = await api.get("/api/audit", params=query)
            assert answer.status_code in {400, 422}
            assert next(iter(query)) in answer.json()["detail"]


async def test_a_cursor_of_the_inbox_is_refused_by_the_audit_and_the_other_way_round(api, two_tenants):
    of = {
        path: (await api.get(path, params={"limit": 1})).json()["next_cursor"] for path in ("/api/inbox", "/api/audit")
    }
    for path, cursor in zip(of, reversed(of.values()), strict=True):
        answer = await api.get(path, params={"cursor": cursor})
        wrong = "cursor: take it from next_cursor of the page before, unchanged."
        assert (answer.status_code, answer.json()["detail"]) == (422, wrong)


async def test_no_key_is_in_the_logs_the_answers_the_audit_or_the_database_file(
    app, api, database, database_url, caplog
):
    key = await a_key(database, "reports", "admin")
    secret = key.removeprefix("ck_")
    texts = []
    for headers in (
        {"X-API-Key": key},
        {"Authorization": f"Bearer {key}"},
        {"Authorization": key},
        {"X-API-Key": secret},
    ):
        async with calling(app) as client:
            for path in ("/api/calls", f"/api/calls/{secret}", f"/api/calls?cursor={key}", "/api/audit", "/metrics"):
                answer = await client.get(path, headers=headers)
                if secret not in path:
                    texts.append(answer.text + str(answer.headers))
    texts += [(await api.get("/api/audit", params={"limit": 200})).text, caplog.text]
    assert not [text for text in texts if secret in text]
    if database.dialect == "sqlite":
        await database.close()
        file = database_url.removeprefix("sqlite:///")
        with sqlite3.connect(file) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        assert secret.encode() not in Path(file).read_bytes()  # noqa: ASYNC240 -- nobody else waits here


async def test_many_reads_at_once_are_all_recorded(api, database, metrics):
    patient = opened(database, metrics, audit_patience=waiting.PATIENCE)  # a busy machine needs more than 5 s for them
    async with patient as app, caller(app, database, "reports") as client:
        answers = await asyncio.gather(*(client.get("/api/status") for _ in range(60)))
    assert {answer.status_code for answer in answers} == {httpx.codes.OK}
    assert len(await audit(api)) == 60
