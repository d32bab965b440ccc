"""The list: filtered, in pages that neither skip nor repeat, never another tenant's."""

import pytest

from tests.archive.records import CALL, a_call_record, a_participant, an_identity, guid, kept, save
from tests.web.application import KEY, TENANT, calling, opened
from tests.web.graph_api.graph import RECORDS, everything, ok, refused, save_calls, start_of

pytestmark = pytest.mark.anyio


def ids(items):
    return [item["id"] for item in items]


async def listed(api, query):
    return ids((await ok(api, f"{RECORDS}?{query}")).json()["value"])


async def test_records_come_newest_first_without_what_one_reads_by_id(database, api):
    calls = await save_calls(database, 3)
    body = (await ok(api, RECORDS)).json()
    assert ids(body["value"]) == calls
    assert body["@odata.context"] == "https://we.example/v1.0/$metadata#communications/callRecords"
    for record in body["value"]:
        assert "sessions" not in record
        assert "participants_v2" not in record
        assert record["organizer_v2"]
        assert record["startDateTime"].endswith("21.2169889Z")


async def test_every_record_comes_once_in_pages_of_sixty(database, api):
    calls = await save_calls(database, 130)
    items, pages = await everything(api, RECORDS)
    assert ids(items) == calls
    assert pages == 3


@pytest.mark.parametrize(
    ("query", "headers", "pages"),
    [("?$top=7", {}, 3), ("", {"Prefer": "odata.maxpagesize=7"}, 3), ("?$top=7", {"Prefer": "maxpagesize=5"}, 4)],
)
async def test_pages_are_as_small_as_was_asked(database, api, query, headers, pages):
    calls = await save_calls(database, 20)
    first = await ok(api, RECORDS + query, headers=headers)
    if headers:
        assert first.headers["preference-applied"] == f"odata.maxpagesize={-(-20 // pages) if pages == 4 else 7}"
    items, rest = await everything(api, first.json()["@odata.nextLink"])
    assert ids(first.json()["value"] + items) == calls
    assert rest == pages - 1


async def test_no_page_is_larger_than_graphs(database, api):
    await save_calls(database, 61)
    assert len(await listed(api, "$top=1000")) == 60


async def test_a_link_carries_all_that_was_asked(database, api):
    await save_calls(database, 5, joinWebUrl=None)
    url = f"{RECORDS}?$filter=startDateTime ge {start_of(1)}&$select=id,joinWebUrl&$top=2"
    first = (await ok(api, url, headers={"Prefer": "omit-values=nulls"})).json()
    link = first["@odata.nextLink"]
    assert link.startswith(f"https://we.example{RECORDS}?")
    assert "$filter=startDateTime%20ge" in link
    second = (await ok(api, link)).json()["value"]
    assert [set(record) for record in second] == [{"id"}, {"id"}]


async def test_new_calls_do_not_disturb_who_is_paging(database, api):
    calls = await save_calls(database, 10)
    first = (await ok(api, f"{RECORDS}?$top=5")).json()
    await save_calls(database, 5, first=100)
    items, _ = await everything(api, first["@odata.nextLink"])
    assert ids(first["value"] + items) == calls


BOUNDS = [
    ("startDateTime ge {1}", [3, 2, 1]),
    ("startDateTime gt {1}", [3, 2]),
    ("startDateTime le {1}", [1, 0]),
    ("startDateTime lt {1}", [0]),
    ("startDateTime ge {1} and startDateTime lt {3}", [2, 1]),
    ("(startDateTime ge {1}) and ((startDateTime le {2}))", [2, 1]),
    ("startDateTime lt 2026-02-25T02:01:21.2169889+02:00", [0]),
    ("startDateTime lt 2026-02-24T23:01:21.2169889-01:00", [0]),
    ("startDateTime gt 2027-01-01T00:00:00Z", []),
]


async def test_records_are_filtered_by_start(database, api, subtests):
    calls = (await save_calls(database, 4))[::-1]
    for bounds, minutes in BOUNDS:
        with subtests.test(bounds=bounds, minutes=minutes):
            answer = await ok(api, RECORDS, params={"$filter": bounds.format(*map(start_of, range(4)))})
            assert ids(answer.json()["value"]) == [calls[minute] for minute in minutes]


async def test_a_call_without_a_start_is_listed_but_meets_no_bound(database, api):
    await save(database, a_call_record(startDateTime=None))
    assert await listed(api, "") == [CALL]
    assert await listed(api, "$filter=startDateTime ge 2000-01-01T00:00:00Z") == []


async def test_records_are_filtered_by_participant(database, api, subtests):
    for variable in ["p", "participant", "x1"]:
        with subtests.test(variable=variable):
            ada, bob = guid(), guid()
            both = a_call_record(id=guid(), participants_v2=[a_participant(id=ada), a_participant(id=bob)])
            only = a_call_record(id=guid(), participants_v2=[a_participant(id=ada), a_participant(id=ada)])
            await save(database, both, only, a_call_record())

            def took_part(who, variable=variable):
                return f"participants_v2/any({variable}:{variable}/id eq '{who}')"

            assert set(await listed(api, f"$filter={took_part(ada)}")) == {both["id"], only["id"]}
            assert await listed(api, f"$filter={took_part(ada)} and {took_part(bob.upper())}") == [both["id"]]
            assert await listed(api, f"$filter={took_part(bob)} and startDateTime gt 2027-01-01T00:00:00Z") == []


@pytest.mark.parametrize("top", [1, 2, 60])
async def test_the_calls_of_one_person_come_in_pages_whatever_name_they_had(database, api, top):
    ada, bob = guid(), guid()

    def as_(who, name):
        return a_participant(id=who, identity={"user": an_identity(id=who, displayName=name)})

    records = [
        a_call_record(id=guid(), startDateTime=start_of(n), participants_v2=[as_(ada, name), as_(bob, "Bob")])
        for n, name in enumerate(["Ada", "Ada Lovelace", "Ada", "A. L."])
    ]
    await save(database, *records, a_call_record(id=guid()))
    asked = f"$filter=participants_v2/any(p:p/id eq '{ada}') and participants_v2/any(p:p/id eq '{bob}')"
    items, _ = await everything(api, f"{RECORDS}?{asked}&$top={top}")
    assert ids(items) == [record["id"] for record in reversed(records)]
    assert (await ok(api, f"{RECORDS}/$count?{asked}")).text == "4"
    assert await listed(api, f"{asked} and startDateTime lt {start_of(1)}") == [records[0]["id"]]


async def test_a_phone_number_and_an_apostrophe_are_participants_too(database, api):
    await save(database, a_call_record(participants_v2=[a_participant(id="+4930'1")]))
    assert await listed(api, "$filter=participants_v2/any(p:p/id eq '%2B4930''1')") == [CALL]


async def test_a_participant_of_the_older_shape_is_found(database, api):
    ada = guid()
    old = {name: value for name, value in a_call_record().items() if not name.endswith("_v2")}
    await save(database, old | {"participants": [{"user": {"id": ada}}]})
    assert await listed(api, f"$filter=participants_v2/any(p:p/id eq '{ada}')") == [CALL]


async def test_records_are_counted(database, api):
    await save_calls(database, 4)
    assert (await ok(api, f"{RECORDS}/$count")).text == "4"
    assert (await ok(api, f"{RECORDS}/$count?$filter=startDateTime lt {start_of(2)}")).text == "2"
    body = (await ok(api, f"{RECORDS}?$count=true&$top=1")).json()
    assert body["@odata.count"] == 4


async def test_a_token_serves_only_the_request_that_it_was_made_for(database, api):
    await save_calls(database, 3)
    one = f"{RECORDS}?$filter=startDateTime ge {start_of(0)}&$top=1"
    token = (await ok(api, one)).json()["@odata.nextLink"].partition("$skiptoken=")[2]
    other = f"{RECORDS}?$filter=startDateTime ge {start_of(1)}&$skiptoken={token}"
    assert "$skiptoken" in await refused(api, other)
    assert "$skiptoken" in await refused(api, f"{RECORDS}?$skiptoken={token}")
    assert "$skiptoken" in await refused(api, f"{RECORDS}/{CALL}/sessions?$skiptoken={token}")


async def test_a_token_cannot_be_changed(database, api, subtests):
    for change in [0, 10, -1]:
        with subtests.test(change=change):
            await save_calls(database, 2)
            link = (await ok(api, f"{RECORDS}?$top=1")).json()["@odata.nextLink"]
            path, _, token = link.partition("$skiptoken=")
            letters = list(token)
            letters[change] = "A" if letters[change] != "A" else "Q"
            assert "$skiptoken" in await refused(api, f"{path}$skiptoken={''.join(letters)}")


async def test_another_process_of_the_same_database_takes_the_token(database, metrics, api):
    calls = await save_calls(database, 2)
    link = (await ok(api, f"{RECORDS}?$top=1")).json()["@odata.nextLink"]
    async with opened(database, metrics) as app, calling(app, key=KEY) as other:
        assert ids((await ok(other, link)).json()["value"]) == calls[1:]


async def test_a_record_whose_head_is_large_is_listed_whole(database, api):
    large = a_call_record(noise=[guid() + guid() for _ in range(40_000)])
    await save(database, kept(large, tenant=TENANT))
    (record,) = (await ok(api, RECORDS)).json()["value"]
    assert record["noise"] == large["noise"]
