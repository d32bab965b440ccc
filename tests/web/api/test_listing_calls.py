"""GET /api/calls: summaries in pages that neither skip nor repeat, and no parameter that is silently ignored."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.archive.records import a_call_record, a_session, guid, kept, save
from tests.some import some
from tests.web.application import OTHER, TENANT

pytestmark = pytest.mark.anyio

FIRST = datetime(2026, 2, 1, tzinfo=UTC)


async def calls_at(database, *minutes, tenant=TENANT):
    """Calls that began then, in the order given; their ids."""
    ids = [guid() for _ in minutes]
    starts = [(FIRST + timedelta(minutes=minute)).isoformat() for minute in minutes]
    records = [a_call_record(id=i, startDateTime=start) for i, start in zip(ids, starts, strict=True)]
    await save(database, *(kept(record, tenant=tenant) for record in records))
    return ids


async def listed(api, **query):
    answer = await api.get("/api/calls", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_a_summary_has_what_a_list_shows(api, database):
    (call_id,) = await calls_at(database, 0)
    (item,) = (await api.get("/api/calls")).json()["items"]
    assert item.items() >= {"id": call_id, "tenant_id": TENANT, "version": 1, "type": "peerToPeer"}.items()
    assert item["start"] == "2026-02-01T00:00:00+00:00"
    assert item["end"] is not None


async def test_newest_first_unless_asked_otherwise(api, database):
    middle, first, last = await calls_at(database, 2, 1, 3)
    assert await listed(api) == await listed(api, order="-start") == [last, middle, first]
    assert await listed(api, order="start") == [first, middle, last]


async def test_from_is_in_the_span_and_to_is_not(api, database):
    ids = await calls_at(database, 0, 1, 2, 3)
    since, until = "2026-02-01T00:01:00Z", "2026-02-01T00:03:00Z"
    assert await listed(api, **{"from": since, "to": until}, order="start") == ids[1:3]
    assert await listed(api, **{"from": until, "to": since}) == []


TIMES = [
    "2026-02-01T00:01:00Z",
    "2026-02-01T01:01:00+01:00",
    "2026-02-01T01:01:00 01:00",  # a + that nobody escaped
    "2026-02-01T00:01:00",
    "2026-02-01 00:01:00",
    "2026-02-01T00:01:00.0000000Z",
    "20260201T000100Z",
]


async def test_a_time_may_be_written_as_iso_8601_allows(api, database, subtests):
    ids = await calls_at(database, 0, 1)
    for written in TIMES:
        with subtests.test(written=written):
            assert await listed(api, **{"from": written}) == ids[1:]


async def test_a_tenants_calls_alone(api, database):
    ours, theirs = await calls_at(database, 0), await calls_at(database, 1, tenant=OTHER)
    assert await listed(api) == theirs + ours
    assert await listed(api, tenant=f"{{{OTHER.upper()}}}") == theirs


async def test_the_cursor_leads_through_all_pages_while_new_calls_arrive(api, database):
    ids = await calls_at(database, *range(7))
    found, query = [], {"limit": 2}
    while query:
        page = (await api.get("/api/calls", params=query)).json()
        found += [item["id"] for item in page["items"]]
        await calls_at(database, 100 + len(found))
        query = {"limit": 2, "cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert found == ids[::-1]


async def test_calls_of_the_same_moment_are_neither_skipped_nor_repeated(api, database):
    ids = await calls_at(database, *[5] * 9)
    found, link = [], "/api/calls?limit=2&order=start"
    while link:
        answer = await api.get(link)
        found += [item["id"] for item in answer.json()["items"]]
        link = answer.links["next"]["url"] if answer.links else None
    assert sorted(found) == sorted(ids)


async def test_the_link_to_the_next_page_keeps_the_question(api, database):
    ids = await calls_at(database, *range(6))
    answer = await api.get("/api/calls?from=2026-02-01T02:01:00%2B02:00&order=start&limit=2")
    following = await api.get(answer.links["next"]["url"])
    assert [item["id"] for item in following.json()["items"]] == ids[3:5]
    last = await api.get(following.links["next"]["url"])
    assert (last.json()["next_cursor"], "link" in last.headers) == (None, False)


async def test_a_page_that_is_just_full_has_no_next(api, database):
    await calls_at(database, 0, 1)
    answer = await api.get("/api/calls?limit=2")
    assert (len(answer.json()["items"]), answer.json()["next_cursor"]) == (2, None)


async def test_fifty_are_given_unless_asked_otherwise_and_two_hundred_at_most(api, database):
    await calls_at(database, *range(201))
    assert len(await listed(api)) == 50
    assert len(await listed(api, limit=200)) == 200


WRONG = [
    ("limit=0", "limit"),
    ("limit=201", "limit"),
    ("limit=-1", "limit"),
    ("limit=many", "limit"),
    ("limit=", "limit"),
    ("order=end", "order"),
    ("from=yesterday", "from"),
    ("from=", "from"),
    ("from=2026-13-01", "from"),
    ("to=0001-01-01T00:00:00%2B23:00", "to"),
    ("from=9999-12-31T23:59:59-23:00", "from"),
    ("tenant=contoso", "tenant"),
    ("failed_stage=callSetup", "failed_stage"),
    ("cursor=x", "cursor"),
    ("cursor=", "cursor"),
]


async def test_a_wrong_value_is_a_422_that_names_its_parameter(api, subtests):
    for query, parameter in WRONG:
        with subtests.test(query=query, parameter=parameter):
            answer = await api.get(f"/api/calls?{query}")
            assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
            assert answer.json()["detail"].startswith(parameter)


async def test_a_cursor_of_the_other_order_is_refused(api, database):
    await calls_at(database, 0, 1)
    cursor = (await api.get("/api/calls?limit=1")).json()["next_cursor"]
    answer = await api.get("/api/calls", params={"order": "start", "cursor": cursor})
    assert (answer.status_code, answer.json()["detail"].startswith("cursor")) == (422, True)


async def test_parameters_that_are_unknown_are_a_400_that_names_them(api):
    answer = await api.get("/api/calls?until=2026-02-01&Limit=5&limit=5")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "Limit, until" in answer.json()["detail"]


async def test_calls_are_found_by_the_stage_at_which_they_failed(api, database):
    stages = {"callSetup": "setup", "midcall": "midcall", "unknownFutureValue": "unknown"}
    ids = {}
    for number, (stage, ours) in enumerate(stages.items(), 1):
        ids[ours] = guid(number)
        session = a_session(failureInfo={"stage": stage, "reason": ""})
        await save(database, kept(a_call_record(id=ids[ours], sessions=[session]), tenant=TENANT))
    await calls_at(database, 0)
    for stage, call_id in some(ids.items()):
        assert await listed(api, failed_stage=stage) == [call_id]
    shown = {item["failed_stage"]: item["failed"] for item in (await api.get("/api/calls")).json()["items"]}
    assert shown == {"setup": True, "midcall": True, "unknown": True, None: False}


async def test_the_rule_set_stands_beside_the_quality(api, database):
    (call_id,) = await calls_at(database, 0)
    (item,) = (await api.get("/api/calls")).json()["items"]
    whole = (await api.get(f"/api/calls/{call_id}")).json()
    assert [(one["quality"], one["quality_rules"]) for one in (item, whole)] == [("good", "cqd-2024-10")] * 2
