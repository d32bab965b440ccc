"""Every route of the read API, found in the application itself: shut to whoever may not."""

from hmac import compare_digest

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access import keys
from app.db import Database
from tests.some import some
from tests.web.application import KEY, calling
from tests.web.auth.guarded import NOW, READS, ROUTES, WRITES, a_key, caller, described, filled

pytestmark = pytest.mark.anyio

ADMINS = {"/api/audit"}  # reads that are an admin's alone


def are_shut(answers, status=401):
    return [is_shut(answer, status) for answer in answers] == [True] * len(ROUTES)


def is_shut(answer, status):
    assert answer.status_code == status, (answer.request.method, answer.request.url, answer.text)
    assert answer.headers["content-type"] in {"application/problem+json", "application/json"}
    return (status != 401) or answer.headers["www-authenticate"].startswith("Bearer")


async def ask_all(app, headers=None):
    """Each route's answer; a write has no body, which a route must not look at before it knows who asks."""
    async with calling(app) as client:
        return [await client.request(method, filled(path), headers=headers) for method, path in ROUTES]


def test_the_routes_found_are_those_described_and_not_few():
    assert {("GET", "/api/calls"), ("GET", "/api/calls/{call_id}"), ("GET", "/api/audit")} <= set(ROUTES)
    assert any(path.startswith("/v1.0/communications/callRecords") for path in READS)
    assert {route for route in described() if route[1].startswith(("/api/", "/v1.0/"))} <= set(ROUTES)


def test_the_description_says_of_each_that_it_needs_a_key():
    for (_, path), reported in some(described().items()):
        assert bool(reported.get("security")) == path.startswith(("/api/", "/v1.0/")), path


async def test_without_a_key_each_is_shut(app, two_tenants, metrics):
    assert are_shut(await ask_all(app))
    assert metrics.refused.labels(reason="missing")._value.get() == len(ROUTES)


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer ck_{'A' * 43}"}, {"X-API-Key": "wrong"}])
async def test_with_a_wrong_key_each_is_shut(app, two_tenants, metrics, headers):
    assert are_shut(await ask_all(app, headers))
    assert metrics.refused.labels(reason="key")._value.get() == len(ROUTES)


async def test_with_a_revoked_key_each_is_shut_at_once(app, database, two_tenants, metrics):
    headers = {"X-API-Key": await a_key(database, "reports", "admin")}
    before = await ask_all(app, headers)
    assert not [answer for answer in before if answer.status_code == 401]
    async with database.begin() as db:
        await keys.revoke(db, "reports", NOW)
    assert are_shut(await ask_all(app, headers))
    assert metrics.refused.labels(reason="revoked")._value.get() == len(ROUTES)


async def test_a_key_revoked_at_one_replica_is_shut_at_the_other_with_the_next_request(app, database_url, database):
    headers = {"X-API-Key": await a_key(database, "reports")}
    replica = Database.open(database_url)
    async with calling(app) as client:
        assert (await client.get("/api/status", headers=headers)).status_code == 200
        async with replica.begin() as db:
            await keys.revoke(db, "reports", NOW)
        assert (await client.get("/api/status", headers=headers)).status_code == 401
    await replica.close()


async def test_keys_are_compared_whole_and_in_constant_time(app, database, monkeypatch):
    """By their hashes, which have one length whatever was sent."""
    compared = []

    def compare(one, other):
        compared.append((len(one), len(other)))
        return compare_digest(one, other)

    monkeypatch.setattr("app.web.auth.callers.compare_digest", compare)
    monkeypatch.setattr("app.access.keys.compare_digest", compare)
    right = await a_key(database, "reports")
    async with calling(app) as client:
        for key in ("x", "x" * 500, KEY, right):
            await client.get("/api/status", headers={"X-API-Key": key})
    assert compared == [(32, 32)] * 4 + [(64, 64)]


@given(st.binary(max_size=200), st.sampled_from([b"bearer ", b"Bearer ck_", b"Bearer ey.", b"Basic ", b""]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_sent_as_a_key_is_a_401(app, text, scheme):
    sent = scheme + text.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
    async with calling(app) as client:
        for name in (b"authorization", b"x-api-key"):
            assert is_shut(await client.get("/api/calls", headers=[(name, sent)]), 401)


async def test_a_read_key_opens_no_write_and_no_audit(app, database, two_tenants):
    async with caller(app, database, "reports") as client:
        for method, path in ROUTES:
            answer = await client.request(method, filled(path))
            if (method, path) in WRITES or path in ADMINS:
                assert is_shut(answer, 403)
            else:
                assert answer.status_code not in {401, 403}, path


async def test_an_admin_key_opens_each(app, database, two_tenants):
    async with caller(app, database, "ops", "admin") as client:
        for method, path in ROUTES:
            answer = await client.request(method, filled(path))
            assert answer.status_code not in {401, 403, 500, 503}, (path, answer.text)


async def test_what_is_no_route_is_shut_too(app):
    async with calling(app) as client:
        for path in ("/api", "/api/", "/api/nothing", "/api/calls/", "/v1.0", "/v1.0/me", "/v1.0/communications"):
            assert is_shut(await client.get(path), 401)


async def test_another_spelling_of_a_route_opens_nothing(app, two_tenants):
    async with calling(app) as client:
        for path in ("//api/calls", "/API/calls", "/x/../api/calls", "/api//calls", "/%61pi/calls", "/api/calls;x"):
            assert (await client.get(path)).status_code in {303, 401, 404}, path
