import json
from datetime import timedelta

import orjson
import pytest

from app import wire
from app.archive.documents import codec
from app.archive.parse.record import RecordBuilder
from app.archive.schema import tables
from app.wire import parsed
from tests.archive.records import (
    CALL,
    NOW,
    TENANT,
    a_call_record,
    a_media,
    a_participant,
    a_segment,
    a_service_endpoint,
    a_session,
    a_stream,
    an_endpoint,
    an_identity,
    from_pages,
    guid,
    kept,
)


def rows_in(record, table):
    """The kept record's rows of a table, as dictionaries."""
    names = [column.name for column in table.columns][1:]
    return [dict(zip(names, row, strict=True)) for row in record.children[table.name]]


def unpacked(record):
    return orjson.loads(codec.unpack(record.document))


def test_the_document_of_a_whole_record_is_the_bytes_that_graph_sent():
    raw = b'{ "id": "x", "startDateTime": "2020-02-25T18:52:21.2169889Z", "newInGraph": 1.10, "version": 3 }'
    builder = RecordBuilder(TENANT, "x")
    builder.begin(orjson.loads(raw), raw)
    done = builder.finish(NOW)
    assert codec.unpack(done.document) == raw
    assert b"".join(codec.unpacked(done.document)) == raw
    assert done.raw_bytes == len(raw)


@pytest.mark.parametrize("number", ["18446744073709551616", "0.10000000000000000555", "1" * 400])
def test_numbers_of_a_document_of_several_pages_are_as_graph_wrote_them(number):
    builder = RecordBuilder(TENANT, CALL)
    first = b'{"id":"x","new":{"a":[%(n)s]},"half":"\\ud83d","modalities":[%(n)s],"sessions":[{"n":%(n)s}]}'
    builder.begin(wire.parsed(first.replace(b"%(n)s", number.encode())))
    builder.add_sessions(wire.parsed(b'[{"n":%s}]' % number.encode()))
    done = builder.finish(NOW)
    text = codec.unpack(done.document).decode()
    assert text.count(f"[{number}]") == 2
    assert text.count(f'{{"n":{number}}}') == 2
    assert orjson.loads(done.row["modalities"]) is not None


def test_pages_are_merged_into_one_document_without_links():
    whole = a_call_record(sessions=[a_session() for _ in range(5)], participants_v2=[a_participant() for _ in range(4)])
    first = whole | {
        "sessions": whole["sessions"][:2],
        "sessions@odata.nextLink": "https://graph.microsoft.com/…",
        "participants_v2": whole["participants_v2"][:1],
        "participants_v2@odata.nextLink": "https://graph.microsoft.com/…",
    }
    pages = [
        ("sessions", whole["sessions"][2:4]),
        ("participants", whole["participants_v2"][1:]),
        ("sessions", []),
        ("sessions", whole["sessions"][4:]),
    ]
    merged = from_pages(first, *pages)
    assert unpacked(merged) == whole
    assert merged.raw_bytes == len(codec.unpack(merged.document))
    assert merged.children == kept(whole).children
    assert merged.row == kept(whole).row


def test_pages_that_begin_again_replace_what_was_read():
    whole = a_call_record()
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(whole, orjson.dumps(whole))
    again = [a_session(), a_session()]
    builder.restart_sessions(again[:1])
    builder.add_sessions(again[1:])
    people = [a_participant()]
    builder.restart_participants(people)
    done = builder.finish(NOW)
    assert unpacked(done) == whole | {"sessions": again, "participants_v2": people}
    assert done.children == kept(whole | {"sessions": again, "participants_v2": people}).children


def test_lists_that_only_came_as_pages_are_in_the_document_too():
    bare = {"id": CALL, "version": 2}
    sessions, people = [a_session()], [a_participant()]
    done = from_pages(bare, ("sessions", sessions), ("participants", people))
    assert unpacked(done) == bare | {"sessions": sessions, "participants_v2": people}
    assert done.complete


@pytest.mark.parametrize("value", [2**70, "\ud800", [[[1.5]]]])
def test_what_the_fast_writer_refuses_is_in_a_merged_document_as_well(value):
    done = from_pages(a_call_record(odd=value), ("sessions", [a_session(odd=value)]))
    merged = json.loads(codec.unpack(done.document))  # orjson knows no integers beyond 64 bits
    assert merged["odd"] == merged["sessions"][-1]["odd"] == value


@pytest.mark.parametrize("number", ["18446744073709551616", "-99999999999999999999", "0.1234567890123456789012"])
def test_a_number_that_no_double_holds_is_exact_in_a_merged_document(number):
    marked = json.dumps([a_call_record(odd="NUMBER"), [a_session(odd="NUMBER")]]).replace('"NUMBER"', number)
    first, page = parsed(marked.encode())
    merged = codec.unpack(from_pages(first, ("sessions", page)).document)
    assert merged.count(f'"odd":{number}'.encode()) == 2
    assert orjson.loads(merged)["sessions"][-1]["id"] == page[0]["id"]


def test_a_record_without_sessions_is_incomplete():
    done = kept(a_call_record(sessions=[]))
    assert (done.complete, done.incomplete_reason) == (False, "no sessions")


def test_a_record_whose_links_broke_is_incomplete_and_says_why():
    done = kept(a_call_record(), incomplete="a link leads elsewhere")
    assert (done.complete, done.incomplete_reason) == (False, "a link leads elsewhere")


def test_the_document_has_the_id_as_graph_wrote_it():
    done = kept(a_call_record(id=CALL.upper()))
    assert (done.tenant_id, done.call_id) == (TENANT, CALL)
    assert unpacked(done)["id"] == CALL.upper()


@pytest.mark.parametrize(
    ("changes", "ordered_at"),
    [
        ({}, "2026-02-25T18:52:21.216988+00:00"),
        ({"startDateTime": None}, "2026-02-25T18:52:46.764001+00:00"),
        ({"startDateTime": "soon", "endDateTime": None}, "2026-02-25T19:00:24.582757+00:00"),
        ({"startDateTime": None, "endDateTime": None, "lastModifiedDateTime": None}, NOW.isoformat()),
    ],
)
def test_a_call_is_placed_by_the_best_time_there_is(changes, ordered_at):
    assert kept(a_call_record(**changes)).row["ordered_at"].isoformat() == ordered_at


def test_what_a_call_adds_up_to():
    row = kept(a_call_record(sessions=[a_session(), a_session(segments=[a_segment(), a_segment()])])).row
    sums = ("participant_count", "session_count", "segment_count", "stream_count", "poor_stream_count")
    assert [row[name] for name in sums] == [2, 2, 3, 3, 0]
    assert row["duration_seconds"] == timedelta(seconds=25, microseconds=547013).total_seconds()
    assert (row["failed"], row["rating"], row["pstn"], row["quality"]) == (False, None, False, "good")


def test_a_failure_anywhere_makes_the_call_failed():
    failed = a_segment(failureInfo={"stage": "callSetup", "reason": "No answer"})
    record = kept(a_call_record(sessions=[a_session(segments=[failed])]))
    assert record.row["failed"]
    assert rows_in(record, tables.segments)[0]["failure_reason"] == "No answer"


def test_a_failure_without_stage_and_reason_is_none():
    nothing = {"stage": None, "reason": None}
    assert not kept(a_call_record(sessions=[a_session(failureInfo=nothing)])).row["failed"]


def test_the_worst_rating_is_the_calls():
    ratings = ["notRated", "excellent", "poor", "good", "amazing"]
    sessions = [a_session(callee=an_endpoint(feedback={"rating": rating})) for rating in ratings]
    assert kept(a_call_record(sessions=sessions)).row["rating"] == "poor"


def test_a_party_with_a_number_makes_the_call_pstn():
    phone = a_participant(identity={"phone": an_identity(id="+5564981205182", tenantId=None)})
    assert kept(a_call_record(participants_v2=[phone])).row["pstn"]
    assert kept(a_call_record(sessions=[a_session(caller={"identity": phone["identity"]})])).row["pstn"]


def test_an_endpoint_is_columns_of_its_session():
    tokens = {"NoSound": True, "Noisy": False}
    caller = an_endpoint(feedback={"rating": "bad", "text": "No sound", "tokens": tokens})
    row = rows_in(kept(a_call_record(sessions=[a_session(caller=caller)])), tables.sessions)[0]
    assert row["caller_type"] == "participantEndpoint"
    assert row["caller_identity_id"] == caller["associatedIdentity"]["id"]
    assert row["caller_cpu_cores_count"] == 14
    assert row["caller_feedback_text"] == "No sound"
    assert orjson.loads(row["caller_feedback_tokens"]) == tokens
    assert row["caller_user_agent_type"] == "clientUserAgent"
    assert row["caller_user_agent_platform"] == "windows"
    assert row["callee_type"] == "serviceEndpoint"
    assert row["callee_user_agent_role"] == "mediaController"
    assert row["modalities"] == '["audio"]'


@pytest.mark.parametrize(
    ("endpoint", "types"),
    [
        ({"name": "PC"}, ("participantEndpoint", None)),
        ({"userAgent": {"role": "voicemail"}}, ("serviceEndpoint", "serviceUserAgent")),
        ({"identity": {}, "userAgent": {"platform": "web"}}, ("participantEndpoint", "clientUserAgent")),
        ({"userAgent": {"headerValue": "x"}}, ("serviceEndpoint", None)),
        ({}, (None, None)),
        (None, (None, None)),
        (a_service_endpoint(), ("serviceEndpoint", "serviceUserAgent")),
    ],
)
def test_the_type_of_an_endpoint_is_inferred_where_graph_does_not_say_it(endpoint, types):
    row = rows_in(kept(a_call_record(sessions=[a_session(callee=endpoint)])), tables.sessions)[0]
    assert (row["callee_type"], row["callee_user_agent_type"]) == types


def test_the_older_shape_has_its_organizer_and_participants():
    record = a_call_record(organizer={"user": an_identity(id="o")}, participants=[{"user": an_identity(id="p")}, {}])
    del record["organizer_v2"], record["participants_v2"]
    done = kept(record)
    assert done.row["organizer_identity_id"] == done.row["organizer_id"] == "o"
    assert [row["participant_id"] for row in rows_in(done, tables.participants)] == ["p"]


def test_the_newer_shape_comes_before_the_older():
    older = {"organizer": {"user": an_identity(id="o")}, "participants": [{"user": an_identity(id="p")}] * 3}
    done = kept(a_call_record(**older))
    assert done.row["organizer_id"] != "o"
    assert done.row["participant_count"] == 2


def test_administrative_units_are_rows_of_their_party():
    units = [{"id": "u1"}, {"id": "u2"}]
    people = [a_participant(), a_participant(administrativeUnitInfos=units)]
    organizer = a_participant(administrativeUnitInfos=units[:1])
    done = kept(a_call_record(participants_v2=people, organizer_v2=organizer))
    assert done.children["administrative_units"] == [(-1, 0, "u1"), (1, 0, "u1"), (1, 1, "u2")]


def test_trace_route_hops_are_rows_of_their_network():
    hops = [{"hopCount": 1, "ipAddress": "10.0.0.1", "roundTripTime": "PT0.004S"}, {"hopCount": 2}]
    media = a_media(callerNetwork={"traceRouteHops": hops[:1]}, calleeNetwork={"traceRouteHops": hops})
    done = kept(a_call_record(sessions=[a_session(segments=[a_segment(media=[media])])]))
    assert done.children["trace_route_hops"] == [
        (0, 0, 0, "caller", 0, 1, "10.0.0.1", 0.004),
        (0, 0, 0, "callee", 0, 1, "10.0.0.1", 0.004),
        (0, 0, 0, "callee", 1, 2, None, None),
    ]


def test_positions_count_what_is_no_object_too():
    done = kept(a_call_record(sessions=[None, a_session(segments=["?", a_segment()]), 5]))
    assert [row[0] for row in done.children["sessions"]] == [1]
    assert [row[:2] for row in done.children["segments"]] == [(1, 1)]


def test_values_that_are_not_as_documented_are_null_in_the_row_and_whole_in_the_document():
    odd = a_stream(packetUtilization="1,200", averageJitter=0.5, averagePacketLossRate="NaN", streamId=7)
    done = kept(a_call_record(sessions=[a_session(segments=[a_segment(media=[a_media(streams=[odd])])])]))
    row = rows_in(done, tables.streams)[0]
    assert (row["packet_utilization"], row["average_jitter"], row["average_packet_loss_rate"], row["stream_id"]) == (
        None,
    ) * 4
    assert unpacked(done)["sessions"][0]["segments"][0]["media"][0]["streams"] == [odd]


def test_the_same_session_id_twice_is_two_sessions():
    twice = guid()
    done = kept(a_call_record(sessions=[a_session(id=twice), a_session(id=twice)]))
    assert [row[:2] for row in done.children["sessions"]] == [(0, twice), (1, twice)]
