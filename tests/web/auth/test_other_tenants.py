"""A key for one tenant: whatever becomes of another tenant's calls, it is answered the same."""

import pytest

from app.inbox import rows, tenant_state
from tests.some import some
from tests.web.application import OTHER, TENANT
from tests.web.auth.guarded import (
    IN_BOTH,
    LISTS,
    NOBODYS,
    ONES,
    OURS,
    READS,
    THEIRS,
    WAITING,
    WRITES,
    caller,
    content_of,
    described,
    filled,
    ours,
    theirs,
)

pytestmark = pytest.mark.anyio

# Values that find our call, for parameters of any route; one that is not here is asked without.
FINDING = {
    "tenant": TENANT,
    "participant": "Adalbert",
    "organizer": OURS,
    "type": "peerToPeer",
    "modality": "audio",
    "quality": "good",
    "from": "2026-02-20T00:00:00Z",
    "to": "2026-03-01T00:00:00Z",
    "order": "start",
    "bucket": "day",
    "by": "type",
    "state": "due",
    "limit": "1",
    "$filter": f"participants_v2/any(p:p/id eq '{OURS}')",
    "$top": "1",
    "$expand": "participants_v2",
    "$count": "true",
}


def questions():
    """Each read alone and with each of its parameters; ids of ours, theirs, both and nobody."""
    for path in READS:
        known = parameters_of(path) & FINDING.keys()
        span = {name: FINDING[name] for name in known & {"from", "to"}}  # else some end now, which is always another
        for call_id in [OURS, THEIRS, IN_BOTH, NOBODYS] if path in ONES else [""]:
            yield filled(path, call_id), span
        if "('" not in path:  # the same route in another spelling
            yield from ((filled(path), span | {name: FINDING[name]}) for name in sorted(known))


def parameters_of(path):
    if path.startswith("/v1.0"):
        return {name for name in FINDING if name.startswith("$")}
    return {parameter["name"] for parameter in described()["GET", path].get("parameters", ())}


async def answers(client):
    return {(path, *query): content_of(await client.get(path, params=query)) for path, query in questions()}


async def test_another_tenants_calls_change_no_answer(app, database):
    """No route, filter or id: not by content, status, count or the place of a page's end."""
    await theirs(database)
    async with caller(app, database, "theirs", "read", OTHER) as client:
        before = await answers(client)
        await ours(database)
        after = await answers(client)
    assert {
        question: (before[question], after[question]) for question in before if before[question] != after[question]
    } == {}


async def test_another_tenants_calls_are_answered_to_those_who_may_see_them(app, database, two_tenants):
    """The test above would notice."""
    async with caller(app, database, "ours", "read", TENANT) as client:
        for path in ONES:
            assert (await client.get(filled(path, OURS))).status_code == 200, path
            assert (await client.get(filled(path, THEIRS))).status_code == 404, path
        listed = [path for path in LISTS if OURS in (await client.get(path)).text]
        assert {"/api/calls", "/v1.0/communications/callRecords"} <= set(listed)
        if "/api/stats" in LISTS:
            span = {name: FINDING[name] for name in ("from", "to")}
            assert (await client.get("/api/stats", params=span)).json()["total"]["calls"] == 2


async def test_another_tenants_id_is_like_an_unknown_id(app, database, two_tenants):
    async with caller(app, database, "theirs", "admin", OTHER) as client:
        for path in ONES:
            ours_, nobodys = [content_of(await client.get(filled(path, one))) for one in (OURS, NOBODYS)]
            assert ours_[0] == 404
            assert ours_[1].replace(OURS, NOBODYS) == nobodys[1]


async def test_of_an_id_in_both_tenants_each_sees_its_own(app, database, two_tenants):
    both = [(TENANT, "Adalbert"), (OTHER, "Brunhild")]
    for (tenant, name), (other_tenant, other) in (both, both[::-1]):
        async with caller(app, database, name, "read", tenant) as client:
            for path in ONES:
                text = (await client.get(filled(path, IN_BOTH))).text
                assert name in text or path.endswith(("/$count", "/related")), path  # these name no participant
                assert not [others for others in (other, other_tenant) if others in text], path


async def test_a_cursor_of_an_unrestricted_caller_leads_to_nothing_of_others(app, api, database, two_tenants):
    async with caller(app, database, "theirs", "read", OTHER) as client:
        for path, size in (
            ("/api/calls", "limit"),
            ("/api/inbox", "limit"),
            ("/v1.0/communications/callRecords", "$top"),
        ):
            page = (await api.get(path, params={size: 1})).json()
            link = page.get("@odata.nextLink") or f"{path}?limit=200&cursor={page['next_cursor']}"
            answer = await client.get(link)
            assert answer.status_code in {200, 400, 422}
            assert TENANT not in answer.text
            assert "Adalbert" not in answer.text
            assert OURS not in answer.text


async def test_an_admin_of_another_tenant_changes_nothing_of_ours(app, database, two_tenants):
    async def held():
        async with database.reading() as db:
            return [tuple(row) for row in await rows.rows(db, tenants=[TENANT])]

    before = await held()
    async with caller(app, database, "theirs", "admin", OTHER) as client:
        for method, path in WRITES:
            for call_id in (OURS, WAITING, NOBODYS):
                await client.request(method, filled(path, call_id))
                refused = await client.request(method, filled(path, call_id), params={"tenant": TENANT})
                assert refused.status_code in {400, 404, 422} or "tenant" not in str(described()[(method, path)])
    assert await held() == before


async def test_the_audit_is_closed_to_a_caller_of_some_tenants(app, database, two_tenants):
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT, OTHER])
    async with caller(app, database, "theirs", "admin", OTHER) as client:
        assert (await client.get("/api/audit")).status_code == 403
    async with caller(app, database, "both", "admin", OTHER, TENANT) as client:
        assert (await client.get("/api/audit")).status_code == 200


async def test_a_key_for_no_tenant_of_ours_sees_nothing(app, database, two_tenants):
    async with caller(app, database, "strangers", "admin", NOBODYS) as client:
        for path, _ in some(questions()):
            text = (await client.get(path)).text
            assert not [name for name in ("Adalbert", "Brunhild", TENANT, OTHER) if name in text], path
