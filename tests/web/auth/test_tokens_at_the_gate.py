"""Entra ID tokens in requests: what they open, and what is answered where they open nothing."""

import pytest

from app.web.auth import rare_entries
from app.web.auth.rare_entries import RareEntries
from tests.access.entra import AUDIENCE, STRANGE_TENANT, entra, seconds_from_now
from tests.web.application import OTHER, calling, opened
from tests.web.auth.guarded import OURS, THEIRS, calls_of

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def signing_key():
    from tests.access.entra import another_key  # noqa: PLC0415 -- made once, and only where it is used

    return another_key()


@pytest.fixture
async def login(tmp_path, signing_key):
    async with entra(tmp_path / "ca.pem", signing_key) as login:
        yield login


@pytest.fixture
async def app(database, metrics, login):
    await calls_of(database, login.tenant, "Adalbert", OURS)
    await calls_of(database, OTHER, "Brunhild", THEIRS)
    async with opened(database, metrics, tenant_ids=(login.tenant, OTHER), tokens=login.tokens) as app:
        yield app


async def ask(app, token, path="/api/calls", method="GET"):
    async with calling(app, key=token) as client:
        return await client.request(method, path)


async def test_a_token_reads_its_own_tenants_calls_alone(app, login):
    calls = (await ask(app, login.token())).json()["items"]
    assert [call["id"] for call in calls] == [OURS]
    graph = await ask(app, login.token(), "/v1.0/communications/callRecords")
    assert (graph.status_code, [record["id"] for record in graph.json()["value"]]) == (200, [OURS])
    assert (await ask(app, login.token(), f"/api/calls/{THEIRS}")).status_code == 404


async def test_the_read_role_changes_nothing_and_the_admin_role_may(app, login):
    path = f"/api/calls/{OURS}/refetch"
    assert (await ask(app, login.token(), path, "POST")).status_code == 403
    assert (await ask(app, login.token(roles=["CallRecords.Admin"]), path, "POST")).status_code == 202


async def test_a_token_without_a_role_is_a_403_and_its_application_is_in_the_audit(app, api, login, metrics):
    refused = await ask(app, login.token(roles=["Other"]))
    assert refused.status_code == 403
    assert "CallRecords.Read" in refused.json()["detail"]
    entry = (await api.get("/api/audit")).json()["items"][0]
    assert (entry["who"], entry["scope"], entry["status"]) == (login.application, None, 403)
    assert entry["route"] == "/api/…"
    assert metrics.refused.labels(reason="role")._value.get() == 1


async def test_a_token_without_a_role_is_recorded_once_a_minute_and_counted_each_time(app, api, login, metrics):
    for _ in range(3):
        assert (await ask(app, login.token(roles=["Other"]))).status_code == 403
    entries = (await api.get("/api/audit")).json()["items"]
    assert [entry["status"] for entry in entries].count(403) == 1
    assert metrics.refused.labels(reason="role")._value.get() == 3


def test_a_caller_is_due_again_after_a_minute_and_memory_is_bounded(monkeypatch):
    now = [0.0]
    rare = RareEntries(clock=lambda: now[0])
    asked = []
    for moment in (0.0, 59.0, 60.0, 119.0, 120.0):
        now[0] = moment
        asked.append(rare.is_due("a"))
    assert asked == [True, False, True, False, True]
    monkeypatch.setattr(rare_entries, "CALLERS", 10)
    assert all(rare.is_due(str(number)) for number in range(100))
    assert len(rare._last) == 10


@pytest.mark.parametrize(
    "wrong", [{"aud": "https://graph.microsoft.com"}, {"tid": STRANGE_TENANT}, {"exp": 1}, {"iss": "https://x"}]
)
async def test_a_wrong_token_is_a_401_that_says_why_and_is_counted(app, login, metrics, wrong):
    refused = await ask(app, login.token(**wrong))
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert refused.json()["detail"].startswith("That token is not valid: ")
    assert metrics.refused.labels(reason="token")._value.get() == 1


async def test_while_the_logins_keys_cannot_be_had_the_answer_is_503(app, login):
    login.world.faults.add({"fault": "status", "match": {"path": "discovery"}})
    away = await ask(app, login.token())
    assert (away.status_code, away.headers["content-type"]) == (503, "application/problem+json")
    assert int(away.headers["retry-after"]) > 0


async def test_an_error_below_v1_0_has_graphs_form(app, login):
    refused = await ask(app, login.token(exp=seconds_from_now(-500)), "/v1.0/communications/callRecords")
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "InvalidAuthenticationToken"


async def test_a_token_of_a_person_is_in_the_audit_by_ids_alone(app, api, login):
    token = login.token(scp="read", oid=STRANGE_TENANT, name="Ada Lovelace", upn="ada@contoso.com")
    await ask(app, token)
    entries = await api.get("/api/audit")
    assert entries.json()["items"][0]["who"] == STRANGE_TENANT
    assert "ada" not in entries.text.lower()


async def test_without_an_audience_no_token_is_taken(database, metrics, login):
    async with opened(database, metrics, tenant_ids=(login.tenant,)) as app:
        assert (await ask(app, login.token(aud=AUDIENCE))).status_code == 401
    assert login.fetches() == 0


async def test_a_huge_token_is_a_401(app, login):
    assert (await ask(app, login.token(more="x" * 20_000))).status_code == 401
