"""A key for one tenant sees nothing of another, whatever it asks; nor does any question end in a mistake of ours."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access import keys
from tests.archive.records import a_call_record, a_participant, guid, save
from tests.web.application import TENANT, calling
from tests.web.graph_api.graph import RECORDS, error_of, everything, ok, refused, save_calls, save_elsewhere

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "a call of the other tenant"
BELOW = ["", "/sessions", "/sessions/$count", "/participants_v2", "/participants_v2/$count", "/organizer_v2"]


@pytest.fixture
async def ours(database, app):
    """A client whose key is for our tenant alone."""
    async with database.begin() as db:
        key = await keys.create(db, "ours", "read", [TENANT], NOW)
    async with calling(app, key=key) as client:
        yield client


@pytest.fixture
async def theirs(database):
    """The id of a call that we may not see."""
    return await save_elsewhere(database, joinWebUrl=SECRET)


async def test_the_list_has_only_our_calls(database, ours, theirs):
    calls = await save_calls(database, 3)
    items, _ = await everything(ours, f"{RECORDS}?$top=1")
    assert [item["id"] for item in items] == calls
    assert (await ok(ours, f"{RECORDS}/$count")).text == "3"


async def test_another_tenants_participant_finds_nothing(database, ours):
    ada = guid()
    await save_elsewhere(database, participants_v2=[a_participant(id=ada)])
    answer = await ok(ours, f"{RECORDS}?$filter=participants_v2/any(p:p/id eq '{ada}')&$count=true")
    assert (answer.json()["value"], answer.json()["@odata.count"]) == ([], 0)


async def test_another_tenants_call_is_as_one_that_is_not_there(ours, theirs, subtests):
    for below in BELOW:
        with subtests.test(below=below):
            assert await refused(ours, f"{RECORDS}/{theirs}{below}", 404) == await refused(
                ours, f"{RECORDS}/{guid()}{below}", 404
            )


async def test_a_link_that_others_got_is_none_of_ours(database, api, ours, theirs):
    await save_calls(database, 2)
    link = (await ok(api, f"{RECORDS}?$top=1")).json()["@odata.nextLink"]
    assert "$skiptoken" in await refused(ours, link)


async def test_of_one_id_in_two_tenants_each_has_its_own(database, ours):
    record = a_call_record(joinWebUrl="ours")
    await save(database, record)
    await save_elsewhere(database, id=record["id"], joinWebUrl=SECRET)
    assert (await ok(ours, f"{RECORDS}/{record['id']}")).json()["joinWebUrl"] == "ours"


texts = st.text(st.characters(exclude_categories=["Cs"]))
SOME = "startDateTime ge lt and or ( ) participants_v2 /any(p:p/id eq '' sessions ($expand=segments) , id 7 * 9-9"
words = st.sampled_from([*SOME.split(), " ", "2026-01-01T00:00:00Z", "participants_v2/any(p:p/id eq 'x')", "\0"])
names = st.sampled_from(["$filter", "$select", "$expand", "$top", "$count", "$skiptoken", "filter", "$orderby"])
queries = st.dictionaries(names | texts, texts | st.lists(words, max_size=4).map("".join), max_size=3)
hostile = settings(
    max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@hostile
@given(below=st.sampled_from([*BELOW, "list"]), query=queries, prefer=st.text('odata.mxpgesiz=0123456789,;"-'))
async def test_no_question_finds_it_or_is_a_mistake(ours, theirs, below, query, prefer):
    url = RECORDS if below == "list" else f"{RECORDS}/{theirs}{below}"
    answer = await ours.get(url, params=query, headers={"Prefer": prefer})
    assert SECRET not in answer.text
    if answer.status_code != 200:
        assert answer.status_code in (400, 404)
        error_of(answer)


@hostile
@given(part=texts)
async def test_no_path_is_a_mistake(ours, part):
    for url in (f"{RECORDS}/{quote(part, safe='')}/sessions/{quote(part, safe='')}", f"/v1.0/{quote(part)}"):
        answer = await ours.get(url)
        assert answer.status_code in (200, 307, 400, 404)
        assert answer.headers["request-id"]
