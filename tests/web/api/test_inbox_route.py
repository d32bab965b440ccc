"""/api/inbox: what is still to be collected and why, and the two things a person can ask for."""

from datetime import UTC, datetime, timedelta

import pytest

from app.inbox import queue, rows, tenant_state
from app.inbox.queue import Notice
from tests.archive.records import guid
from tests.web.application import KEY, OTHER, TENANT, calling, opened

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


async def put(database, *call_ids, tenant=TENANT):
    """Due rows, each with a deadline later than the one before."""
    now = datetime.now(UTC)
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT, OTHER])
        notices = [Notice(tenant, call_id, now + n * HOUR) for n, call_id in enumerate(call_ids, start=1)]
        await queue.put(db, notices, now)


async def fail(database, call_id, state="failed", why="Refused: no", kind="refused"):
    async with database.begin() as db:
        (claim,) = [c for c in await queue.claim(db, "w", [TENANT], 100, HOUR) if c.call_id == call_id]
        await queue.give_up(db, "w", claim, state, why, kind)


async def listed(api, **query):
    return [row["id"] for row in (await api.get("/api/inbox", params=query)).json()["items"]]


async def test_a_row_says_why_it_is_not_collected_yet(api, database):
    (call_id,) = [guid()]
    await put(database, call_id)
    await fail(database, call_id)
    (row,) = (await api.get("/api/inbox")).json()["items"]
    reported = {"id": call_id, "tenant_id": TENANT, "state": "failed", "attempts": 1, "last_error": "Refused: no"}
    assert row.items() >= reported.items()
    assert datetime.fromisoformat(row["deadline"]) > datetime.fromisoformat(row["due_at"])


async def test_time_and_organizer_are_shown_where_graphs_list_gave_them(api, database):
    call_id = guid()
    start = datetime.now(UTC).replace(microsecond=0)
    notice = Notice(TENANT, call_id, None, None, start, "ada", "Ada Example")
    async with database.begin() as db:
        await queue.put(db, [notice], start, swept=True)
    (row,) = (await api.get("/api/inbox")).json()["items"]
    assert datetime.fromisoformat(row["call_start"]) == start
    assert (row["organizer_id"], row["organizer_name"]) == ("ada", "Ada Example")


async def test_what_ends_first_comes_first_page_by_page(api, database):
    ids = [guid() for _ in range(5)]
    await put(database, *ids)
    found, cursor = [], {}
    while cursor is not None:
        page = (await api.get("/api/inbox", params={"limit": 2, **cursor})).json()
        found += [row["id"] for row in page["items"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert found == ids


async def test_one_state_and_one_tenant_alone(api, database):
    due, failed, expired, theirs = [guid() for _ in range(4)]
    await put(database, failed)
    await fail(database, failed)
    await put(database, expired)
    await fail(database, expired, "expired")
    await put(database, due)
    await put(database, theirs, tenant=OTHER)
    assert [await listed(api, state=state) for state in ("failed", "expired")] == [[failed], [expired]]
    assert await listed(api, state="due", tenant=TENANT) == [due]
    assert await listed(api, tenant=OTHER) == [theirs]


@pytest.mark.parametrize("state", ["due", "failed", "expired"])
async def test_a_retry_makes_a_row_due_at_once_and_twice_does_no_harm(api, database, state):
    call_id = guid()
    await put(database, call_id)
    if state != "due":
        await fail(database, call_id, state)
    for _ in range(2):
        answer = await api.post(f"/api/inbox/{call_id}/retry")
        assert (answer.status_code, answer.json()) == (200, {"queued": 1})
    async with database.begin() as db:
        assert [c.call_id for c in await queue.claim(db, "w", [TENANT], 1, HOUR)] == [call_id]


async def test_a_retry_of_what_is_not_in_the_inbox_is_a_404(api):
    answer = await api.post(f"/api/inbox/{guid()}/retry")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (await api.post("/api/inbox/x/retry")).status_code == 422


async def test_a_refetch_queues_the_call_as_if_it_had_been_notified(database, metrics):
    call_id = guid()
    async with opened(database, metrics, tenant_ids=(TENANT,)) as app, calling(app, key=KEY) as api:
        for _ in range(2):
            answer = await api.post(f"/api/calls/{{{call_id.upper()}}}/refetch")
            assert (answer.status_code, answer.json()) == (202, {"queued": 1})
    async with database.reading() as db:
        (row,) = await rows.rows(db)
    assert (row.tenant_id, row.call_id, row.state, row.notices) == (TENANT, call_id, "due", 2)


async def test_with_several_tenants_a_refetch_names_its_tenant(api):
    call_id = guid()
    assert (await api.post(f"/api/calls/{call_id}/refetch?tenant={OTHER}")).status_code == 202
    for query in ("", f"?tenant={guid()}"):
        answer = await api.post(f"/api/calls/{call_id}/refetch{query}")
        assert (answer.status_code, answer.json()["detail"].startswith("tenant")) == (422, True)
        assert OTHER in answer.json()["detail"]


WRONG = [
    ("limit=0", 422, "limit"),
    ("limit=201", 422, "limit"),
    ("state=late", 422, "state"),
    ("tenant=x", 422, "tenant"),
    ("cursor=x", 422, "cursor"),
    ("cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwiYSIsImIiXQ", 422, "cursor"),  # a key, unsigned
    ("page=2", 400, "page"),
]


async def test_a_wrong_question_is_refused_by_name(api, subtests):
    for query, status, named in WRONG:
        with subtests.test(query=query, status=status, named=named):
            answer = await api.get(f"/api/inbox?{query}")
            assert (answer.status_code, named in answer.json()["detail"]) == (status, True)
            assert answer.headers["content-type"] == "application/problem+json"


async def test_what_graph_never_had_can_be_distinguished_from_what_was_lost(api, database):
    never, lost = guid(), guid()
    await put(database, never)
    await fail(database, never, "expired", "NotFound: 404", "not_found")
    await put(database, lost)
    await fail(database, lost, "expired", "Unavailable: 503", "unavailable")
    items = (await api.get("/api/inbox", params={"state": "expired"})).json()["items"]
    reported = {row["id"]: (row["error_kind"], row["never_available"]) for row in items}
    assert reported == {never: ("not_found", True), lost: ("unavailable", False)}
    (tenant,) = [one for one in (await api.get("/api/status")).json()["tenants"] if one["tenant_id"] == TENANT]
    assert (tenant["inbox"]["expired"], tenant["never_available"]) == (2, 1)
