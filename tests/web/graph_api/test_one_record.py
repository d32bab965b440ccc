"""One record, as Graph gave it: what is expanded and selected, and nothing changed."""

import json

import orjson
import pytest

from app.archive.parse.record import RecordBuilder
from tests.archive.records import (
    CALL,
    NOW,
    TENANT,
    a_call_record,
    a_participant,
    a_service_endpoint,
    a_session,
    from_pages,
    guid,
    save,
)
from tests.web.graph_api.graph import RECORDS, ok, untyped

pytestmark = pytest.mark.anyio

URL = f"{RECORDS}/{CALL}"
ALL = "$expand=sessions($expand=segments),participants_v2"
HERE = "https://we.example/v1.0/$metadata#communications/callRecords"


def without_notes(value):
    """Without what belongs to one answer of Graph."""
    notes = ("@odata.context", "@odata.nextLink")
    return {name: inner for name, inner in value.items() if not name.endswith(notes)}


async def test_a_record_comes_without_what_was_not_expanded(database, api):
    await save(database, a_call_record())
    body = (await ok(api, URL)).json()
    assert "sessions" not in body
    assert "participants_v2" not in body
    assert body["organizer_v2"]["id"]


async def test_a_whole_record_comes_back_as_graph_gave_it(database, api):
    record = a_call_record(newProperty={"deep": [1, None, {"x": 0.1}]}, huge=2**63 - 1)
    record["sessions"][0]["segments"][0]["media"][0]["surprise"] = "kept"
    await save(database, record)
    body = (await ok(api, f"{URL}?{ALL}")).json()
    assert without_notes(body) == record
    assert body["startDateTime"].endswith("21.2169889Z")
    assert type(body["version"]) is int


@pytest.mark.parametrize("options", ["", f"?{ALL}"])
@pytest.mark.parametrize("number", ["0.10000000000000000555", "18446744073709551616", "1.50", "1E400", "-0"])
async def test_a_number_has_all_its_digits(database, api, number, options):
    written = orjson.dumps(a_call_record(exact="NUMBER")).replace(b'"NUMBER"', number.encode())
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(json.loads(written), written)
    await save(database, builder.finish(NOW))
    for url in (f"{URL}{options}", RECORDS):
        text = (await ok(api, url, headers={"Prefer": "omit-values=nulls"})).text
        assert f'"exact":{number},' in text or f'"exact":{number}}}' in text


async def test_half_a_surrogate_pair_comes_back(database, api):
    raw = orjson.dumps(a_call_record(joinWebUrl="HALF")).replace(b"HALF", b"\\ud83d")
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(json.loads(raw), raw)
    await save(database, builder.finish(NOW))
    for url in (URL, RECORDS):
        assert r"\ud83d" in (await ok(api, url)).text


async def test_sessions_come_with_segments_only_if_asked(database, api):
    await save(database, a_call_record())
    (session,) = (await ok(api, f"{URL}?$expand=sessions")).json()["sessions"]
    assert "segments" not in session
    (session,) = (await ok(api, f"{URL}?$expand=sessions($expand=segments)")).json()["sessions"]
    assert len(session["segments"]) == 1


async def test_what_is_selected_comes_with_the_id(database, api):
    await save(database, a_call_record())
    body = (await ok(api, f"{URL}?$select=version,startDateTime")).json()
    assert set(body) == {"@odata.context", "id", "version", "startDateTime"}
    assert body["@odata.context"] == f"{HERE}(version,startDateTime)/$entity"


async def test_what_is_selected_below_comes_alone(database, api):
    await save(database, a_call_record())
    query = (
        "$select=id&$expand=sessions($select=modalities;$expand=segments($select=caller)),participants_v2($select=id)"
    )
    body = (await ok(api, f"{URL}?{query}")).json()
    assert set(without_notes(body)) == {"id", "sessions", "participants_v2"}
    (session,) = body["sessions"]
    assert set(session) == {"id", "modalities", "segments"}
    assert set(session["segments"][0]) == {"id", "caller"}
    assert all(set(each) == {"id"} for each in body["participants_v2"])


async def test_contexts_name_this_host_and_what_was_expanded(database, api):
    graph = "https://graph.microsoft.com/v1.0/$metadata#communications/callRecords"
    notes = {"@odata.context": f"{graph}/$entity", "organizer_v2@odata.context": f"{graph}('{CALL}')/organizer_v2"}
    session = a_session() | {"segments@odata.context": f"{graph}('x')/sessions('y')/segments"}
    await save(database, a_call_record(**notes, sessions=[session]))
    answer = await ok(api, f"{URL}?{ALL}")
    body = answer.json()
    assert "graph.microsoft.com" not in answer.text
    assert body["@odata.context"] == f"{HERE}(sessions(segments()),participants_v2())/$entity"
    assert body["sessions@odata.context"] == f"{HERE}('{CALL}')/sessions"
    assert body["participants_v2@odata.context"] == f"{HERE}('{CALL}')/participants_v2"
    assert body["organizer_v2@odata.context"] == f"{HERE}('{CALL}')/organizer_v2/$entity"
    assert body["sessions"][0]["segments@odata.context"] == f"{HERE}('{CALL}')/sessions('{session['id']}')/segments"


async def test_a_link_of_graph_is_never_handed_on(database, api):
    links = {"sessions@odata.nextLink": "https://graph.microsoft.com/x", "@odata.nextLink": "https://evil.example"}
    await save(database, a_call_record(**links))
    assert "nextLink" not in (await ok(api, f"{URL}?{ALL}")).text


async def test_types_are_added_where_graph_left_them_out(database, api):
    session = a_session(caller=untyped(), callee=untyped(a_service_endpoint()))
    await save(database, a_call_record(sessions=[session]))
    (found,) = (await ok(api, f"{URL}?{ALL}")).json()["sessions"]
    assert found["caller"]["@odata.type"] == "#microsoft.graph.callRecords.participantEndpoint"
    assert found["caller"]["userAgent"]["@odata.type"] == "#microsoft.graph.callRecords.clientUserAgent"
    assert found["callee"]["@odata.type"] == "#microsoft.graph.callRecords.serviceEndpoint"
    assert found["callee"]["userAgent"]["@odata.type"] == "#microsoft.graph.callRecords.serviceUserAgent"
    assert found["caller"].items() >= {name: v for name, v in session["caller"].items() if name != "userAgent"}.items()


async def test_a_type_that_graph_gave_is_never_replaced(database, api):
    caller = untyped() | {"@odata.type": "#microsoft.graph.callRecords.somethingNew"}
    await save(database, a_call_record(sessions=[a_session(caller=caller)]))
    (found,) = (await ok(api, f"{URL}?{ALL}")).json()["sessions"]
    assert found["caller"]["@odata.type"] == "#microsoft.graph.callRecords.somethingNew"


async def test_nulls_are_left_out_if_preferred(database, api):
    await save(database, a_call_record())
    answer = await ok(api, f"{URL}?{ALL}", headers={"Prefer": "omit-values=nulls, include-unknown-enum-members"})
    assert answer.headers["preference-applied"] == "omit-values=nulls, include-unknown-enum-members"
    assert "null" not in answer.text
    assert "joinWebUrl" not in answer.json()


@pytest.mark.parametrize(
    "url",
    [
        f"{RECORDS}('{CALL}')",
        f"{RECORDS}/{CALL.upper()}",
        f"{RECORDS}%28%27{CALL}%27%29",
        f"{RECORDS}('{{{CALL}}}')",
        f"{RECORDS}/{CALL.replace('-', '')}",
    ],
    ids=["in brackets", "upper case", "encoded", "in braces", "without dashes"],
)
async def test_an_id_may_be_written_in_several_ways(database, api, url):
    await save(database, a_call_record())
    assert (await ok(api, url)).json()["id"] == CALL


async def test_options_may_come_encoded_or_without_their_sign(database, api):
    await save(database, a_call_record())
    encoded = await ok(
        api, f"{URL}?%24expand=sessions%28%24expand%3Dsegments%29%2Cparticipants_v2&%24select=id,version"
    )
    plain = await ok(api, f"{URL}?expand=sessions($expand=segments),participants_v2&select=id,version")
    assert encoded.json() == plain.json()
    assert len(encoded.json()["participants_v2"]) == 2


async def test_a_record_of_the_older_shape_comes_as_it_was(database, api):
    old = a_call_record(
        organizer={"user": {"id": guid(), "displayName": "Ada"}}, participants=[{"user": {"id": guid()}}]
    )
    old = {name: value for name, value in old.items() if not name.endswith("_v2")}
    await save(database, old)
    assert without_notes((await ok(api, f"{URL}?{ALL}")).json()) == old
    assert (await ok(api, f"{URL}/participants_v2")).json()["value"] == []
    assert (await api.get(f"{URL}/organizer_v2")).status_code == 404


async def test_a_record_that_came_in_pages_comes_back_whole(database, api):
    sessions, people = [a_session() for _ in range(100)], [a_participant() for _ in range(200)]
    first = a_call_record(sessions=sessions[:60], participants_v2=people[:130])
    await save(database, from_pages(first, ("sessions", sessions[60:]), ("participants", people[130:])))
    body = (await ok(api, f"{URL}?{ALL}")).json()
    assert body["sessions"] == sessions[:60]
    assert body["participants_v2"] == people[:130]
    assert (await ok(api, body["sessions@odata.nextLink"])).json()["value"] == sessions[60:]
    assert (await ok(api, body["participants_v2@odata.nextLink"])).json()["value"] == people[130:]


async def test_the_organizer_comes_alone(database, api):
    record = a_call_record()
    await save(database, record)
    body = (await ok(api, f"{URL}/organizer_v2")).json()
    assert without_notes(body) == record["organizer_v2"]
    assert body["@odata.context"] == f"{HERE}('{CALL}')/organizer_v2/$entity"
