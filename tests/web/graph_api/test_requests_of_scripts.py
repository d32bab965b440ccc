"""Requests that public scripts and Microsoft's SDKs send: each is answered, or refused with the part named."""

import pytest

from tests.archive.records import CALL, a_call_record, a_participant, a_segment, a_session, an_identity, guid, save
from tests.some import some
from tests.web.graph_api.graph import RECORDS, ok, refused, save_calls

pytestmark = pytest.mark.anyio

ADA, NUMBER = guid(7), "+4915555501234"
SESSION, SEGMENT = guid(8), guid(9)
DEPRECATED = {"participants": [{"user": an_identity()}], "organizer": {"user": an_identity(displayName="Ada")}}
HERS = f"participants_v2/any(p:p/id eq '{ADA}')"
SUMMARY = {"id", "startDateTime", "endDateTime", "type", "joinWebUrl"}
ONE = f"{RECORDS}/{CALL}"
KEY_FORM = f"{RECORDS}('{CALL}')"


@pytest.fixture
async def archive(database):
    """The call of the scripts, on 20 November, and another a day later in which nobody of theirs took part."""
    phone = {"phone": an_identity(id=NUMBER, displayName=None, userPrincipalName=None)}
    people = [a_participant(id=ADA), a_participant(id=NUMBER, identity=phone)]
    session = a_session(id=SESSION, segments=[a_segment(id=SEGMENT), a_segment(id=guid(10))])
    record = a_call_record(
        startDateTime="2026-11-20T04:59:59.9999999Z",
        joinWebUrl="https://teams.microsoft.com/l/meetup-join/1",
        participants_v2=people,
        sessions=[session, a_session()],
        **DEPRECATED,
    )
    await save(database, record, a_call_record(id=guid(2), startDateTime="2026-11-21T10:00:00Z", participants_v2=[]))
    return record


FILTERS = [
    (f"{HERS} and startDateTime lt 2026-11-20T05:00:00Z", [CALL]),
    (f"{HERS} and startDateTime lt 2026-11-20T04:00:00Z", []),
    (
        f"startDateTime ge 2026-11-01T00:00:00.000Z and startDateTime lt 2026-11-27T10:00:00.000Z and {HERS}",
        [CALL],
    ),
    ("startDateTime ge 2026-11-01T00:00:00Z and startDateTime le 2026-11-20T23:59:59Z", [CALL]),
    (f"{HERS.replace(ADA, ADA.upper())} and startDateTime ge 2026-11-01T00:00:00Z", [CALL]),
    ("startDateTime ge 2026-11-01T00:00:00.123Z", [guid(2), CALL]),
]


async def test_filters_of_scripts(api, archive, subtests):
    for condition, found in FILTERS:
        for encoded in [True, False]:
            with subtests.test(condition=condition, found=found, encoded=encoded):
                prefer = {"Prefer": "odata.maxpagesize=130"}
                if encoded:
                    answer = await ok(api, RECORDS, params={"$filter": condition}, headers=prefer)
                else:
                    answer = await ok(api, f"{RECORDS}?$filter={condition}", headers=prefer)
                assert [each["id"] for each in answer.json()["value"]] == found


async def test_a_number_with_a_plus_that_is_not_encoded(api, archive, subtests):
    for plus in ["+", "%2B", "%20"]:
        with subtests.test(plus=plus):
            page = (
                await ok(api, f"{RECORDS}?$filter=participants_v2/any(p:p/id eq '{NUMBER.replace('+', plus)}')")
            ).json()
            assert [each["id"] for each in page["value"]] == [CALL]


ENTITIES = [
    (f"{RECORDS}?$select=id,startDateTime,endDateTime,type,joinWebUrl", SUMMARY),
    (f"{RECORDS}?$select=id,type,organizer", {"id", "type", "organizer"}),
    (f"{ONE}?$select=id,participants", {"id", "participants"}),
    (f"{ONE}?$select=id,organizer,version", {"id", "organizer", "version"}),
    (f"{KEY_FORM}?$select=id", {"id"}),
    (f"{KEY_FORM}?$select=id&$expand=participants_v2", {"id", "participants_v2"}),
    (f"{ONE}?$expand=sessions($select=caller,callee)", {"id", "sessions", "organizer_v2"}),
    (f"{ONE}/sessions/{SESSION}", {"id", "caller", "callee"}),
    (f"{ONE}/sessions('{SESSION}')?$select=id,caller", {"id", "caller"}),
    (f"{KEY_FORM}/sessions('{SESSION.upper()}')?$expand=segments", {"id", "segments"}),
    (f"{KEY_FORM}/sessions/{SESSION}/segments/{SEGMENT}", {"id", "caller", "media"}),
    (f"{ONE}/sessions('{SESSION}')/segments('{SEGMENT}')?$select=id,media", {"id", "media"}),
    (f"{KEY_FORM}/participants_v2('{ADA}')", {"id", "identity"}),
    (f"{KEY_FORM}/organizer_v2", {"id", "identity"}),
]


async def test_one_entity(api, archive, subtests):
    for url, has in ENTITIES:
        with subtests.test(url=url, has=has):
            body = (await ok(api, url)).json()
            if "value" in body:
                assert len(body["value"]) in (1, 2)
                body = body["value"][-1]
            assert has <= set(body)
            if "$select" in url.split("$expand")[0]:
                assert {name for name in body if "@" not in name} == has


async def test_what_is_selected_of_deprecated_properties_is_as_graph_gave_it(api, archive):
    body = (await ok(api, f"{ONE}?$select=participants,organizer")).json()
    assert (body["participants"], body["organizer"]) == (archive["participants"], archive["organizer"])


async def test_a_nested_select_gives_those_properties_alone(api, archive):
    body = (await ok(api, f"{ONE}?$expand=sessions($select=caller,callee)")).json()
    assert [set(session) for session in body["sessions"]] == [{"id", "caller", "callee"}] * 2


async def test_sessions_that_are_not_expanded_have_no_segments(api, archive):
    assert all("segments" not in session for session in some((await ok(api, f"{ONE}/sessions")).json()["value"]))


async def test_items_of_a_list_have_the_organizer(api, archive):
    for record in some((await ok(api, RECORDS)).json()["value"]):
        assert record["organizer_v2"]["id"]


COUNTS = [
    (f"{RECORDS}/$count", 2),
    (f"{RECORDS}/$count?$filter={HERS}", 1),
    (f"{ONE}/sessions/$count", 2),
    (f"{KEY_FORM}/sessions/$count", 2),
    (f"{ONE}/sessions/{SESSION}/segments/$count", 2),
    (f"{KEY_FORM}/sessions('{SESSION}')/segments/$count", 2),
    (f"{ONE}/participants_v2/$count", 2),
]


async def test_counts(api, archive, subtests):
    for path, count in COUNTS:
        with subtests.test(path=path, count=count):
            answer = await ok(api, path, headers={"ConsistencyLevel": "eventual"})
            assert (answer.text, answer.headers["content-type"].split(";")[0]) == (str(count), "text/plain")


COUNTED = [
    (f"{RECORDS}?$count=true&$top=1", 2),
    (f"{ONE}/sessions?$count=true&$top=1", 2),
    (f"{ONE}/sessions/{SESSION}/segments?$count=true&$top=1", 2),
    (f"{ONE}/participants_v2?$count=true", 2),
]


async def test_counts_beside_a_page(api, archive, subtests):
    for url, count in COUNTED:
        with subtests.test(url=url, count=count):
            assert (await ok(api, url)).json()["@odata.count"] == count


UNSUPPORTED = [
    (f"{RECORDS}?$filter=type eq 'groupCall'", "'type'"),
    (f"{RECORDS}?$orderby=startDateTime", "'$orderby'"),
    (f"{ONE}?$expand=sessions($expand=segments($expand=media))", "'media'"),
    (f"{ONE}?$select=colour", "'colour'"),
]


async def test_what_is_not_supported_is_named(api, archive, subtests):
    for url, named in UNSUPPORTED:
        with subtests.test(url=url, named=named):
            assert named in await refused(api, url)


MISSING = [
    f"{ONE}/sessions/{guid(404)}",
    f"{ONE}/sessions('{guid(404)}')/segments/$count",
    f"{ONE}/sessions/{SESSION}/segments/{guid(404)}",
    f"{RECORDS}('{guid(404)}')/sessions/$count",
]


async def test_what_is_not_there_is_a_404(api, archive, subtests):
    for path in MISSING:
        with subtests.test(path=path):
            await refused(api, path, 404)


async def test_a_page_of_the_key_form_leads_to_the_next(database, api):
    await save_calls(database, 1)
    await save(database, a_call_record(sessions=[a_session() for _ in range(3)]))
    found, url = [], f"{KEY_FORM}/sessions?$top=2"
    while url:
        page = (await ok(api, url)).json()
        found += [session["id"] for session in page["value"]]
        url = page.get("@odata.nextLink")
    assert len(found) == 3
