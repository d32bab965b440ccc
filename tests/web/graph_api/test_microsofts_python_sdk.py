"""Microsoft's own SDK for Python, pointed at us, reads the archive as it reads Graph."""

import httpx
import pytest

from tests.archive.records import CALL, a_call_record, a_participant, a_service_endpoint, a_session, guid, save
from tests.web.graph_api.graph import save_calls, start_of, untyped
from tests.web.graph_api.sdk import (
    RECORD,
    RECORDS,
    BatchRequestBuilder,
    BatchRequestContent,
    BatchRequestItem,
    ClientUserAgent,
    ODataError,
    ParticipantEndpoint,
    ServiceEndpoint,
    ServiceUserAgent,
    a_client,
    an_adapter,
    asking,
)
from tests.web.graph_api.served import served

# The SDK imports parts of itself when they are first used, and deprecates them.
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")]


@pytest.fixture
async def client(app):
    async with served(app) as port, httpx.AsyncClient() as http:
        yield a_client(port, http)


async def every(builder, first):
    found, page = list(first.value), first
    while page.odata_next_link:
        page = await builder.with_url(page.odata_next_link).get()
        found += page.value
    return [each.id for each in found]


async def test_it_lists_with_a_filter(database, client):
    calls = await save_calls(database, 4)
    ada, hers = guid(), guid()
    await save(database, a_call_record(id=hers, startDateTime=start_of(2), participants_v2=[a_participant(id=ada)]))
    since = f"startDateTime ge {start_of(2)}"
    page = await client.get(asking(RECORDS, filter=since))
    assert [record.id for record in page.value] == [calls[0], hers, calls[1]]
    page = await client.get(asking(RECORDS, filter=f"{since} and participants_v2/any(p:p/id eq '{ada}')"))
    (record,) = page.value
    assert (record.id, record.version, record.organizer_v2.identity.user.display_name) == (hers, 1, "Ada")


async def test_it_pages_through_all(database, client):
    calls = await save_calls(database, 62)
    assert await every(client, await client.get(asking(RECORDS, select=["id"]))) == calls
    assert await every(client, await client.get(asking(RECORDS, top=25, select=["id"]))) == calls


async def test_it_reads_a_record_with_sessions_and_segments(database, client):
    session = a_session(caller=untyped(), callee=untyped(a_service_endpoint()))
    await save(database, a_call_record(sessions=[session]))
    record = await client.by_call_record_id(CALL).get(asking(RECORD, expand=["sessions($expand=segments)"]))
    assert (record.version, record.type.value, record.start_date_time.year) == (1, "peerToPeer", 2026)
    (found,) = record.sessions
    assert isinstance(found.caller, ParticipantEndpoint)
    assert (found.caller.cpu_name, found.caller.cpu_cores_count) == ("12th Gen", 14)
    assert isinstance(found.caller.user_agent, ClientUserAgent)
    assert isinstance(found.callee, ServiceEndpoint)
    assert isinstance(found.callee.user_agent, ServiceUserAgent)
    assert found.callee.user_agent.role.value == "mediaController"
    (media,) = found.segments[0].media
    assert media.caller_network.link_speed == 4294967295
    assert media.streams[0].average_jitter.total_seconds() == 0.016


async def test_it_reads_what_is_expanded_page_by_page(database, client):
    sessions = [a_session(segments=[]) for _ in range(5)]
    await save(database, a_call_record(sessions=sessions))
    item = client.by_call_record_id(CALL)
    small = asking(RECORD, expand=["sessions($expand=segments)", "participants_v2"])
    small.headers.add("Prefer", "odata.maxpagesize=2")
    found = await item.get(small)
    link = found.additional_data["sessions@odata.nextLink"]
    rest = await every(item.sessions, await item.sessions.with_url(link).get())
    assert [session.id for session in found.sessions] + rest == [session["id"] for session in sessions]
    assert len(found.participants_v2) == 2


async def test_it_reads_the_parts_of_a_record(database, client):
    record = a_call_record()
    await save(database, record)
    item, (session,) = client.by_call_record_id(CALL), record["sessions"]
    assert (await item.organizer_v2.get()).id == record["organizer_v2"]["id"]
    assert (await item.sessions.by_session_id(session["id"]).get()).id == session["id"]
    segments = await item.sessions.by_session_id(session["id"]).segments.get()
    assert [segment.id for segment in segments.value] == [segment["id"] for segment in session["segments"]]
    assert (await client.count.get(), await item.sessions.count.get(), await item.participants_v2.count.get()) == (
        1,
        1,
        2,
    )


async def test_a_missing_record_is_its_own_error(client):
    with pytest.raises(ODataError) as raised:
        await client.by_call_record_id(CALL).get()
    error = raised.value
    assert (error.response_status_code, error.error.code) == (404, "NotFound")
    assert error.error.inner_error.request_id


async def test_what_is_not_supported_is_its_own_error(client):
    with pytest.raises(ODataError) as raised:
        await client.get(asking(RECORDS, orderby=["startDateTime"]))
    assert raised.value.response_status_code == 400
    assert "'$orderby'" in raised.value.error.message


async def test_a_wrong_key_is_its_own_error(app):
    async with served(app) as port, httpx.AsyncClient() as http:
        with pytest.raises(ODataError) as raised:
            await a_client(port, http, key="wrong").get()
    assert raised.value.error.code == "InvalidAuthenticationToken"


async def test_its_batch_helper_reads_several_at_once(database, app):
    await save(database, a_call_record())
    async with served(app) as port, httpx.AsyncClient() as http:
        client = a_client(port, http)
        found, missing = client.by_call_record_id(CALL), client.by_call_record_id(guid(404))
        selected = asking(RECORD, select=["id", "participants", "version"])
        batch = BatchRequestContent()
        batch.add_request("one", BatchRequestItem(found.to_get_request_information(selected), "one"))
        batch.add_request("none", BatchRequestItem(missing.to_get_request_information(), "none"))
        after = BatchRequestItem(found.sessions.to_get_request_information(), "after", ["none"])
        batch.add_request("after", after)
        batch.add_request("count", BatchRequestItem(client.count.to_get_request_information(), "count"))
        response = await BatchRequestBuilder(an_adapter(port, http)).post(batch)
    assert response.get_response_status_codes() == {"one": 200, "none": 404, "after": 424, "count": 200}
    # Its bodies are not asserted: this version of the helper reads only those in Base64.
    assert response.get_response_by_id("one").headers["OData-Version"] == "4.0"
    assert response.get_response_by_id("none").content_type == "application/json"
