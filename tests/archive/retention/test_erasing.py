"""Who was erased is nowhere in the database, the call is as countable as it was, and all else is as Graph gave it."""

import json

import asyncpg
import orjson
import pytest
from sqlalchemy import func, insert, make_url, select

from app.access.tables import audit
from app.archive.documents import codec
from app.archive.erasure.digests import ERASED, erasures
from app.archive.erasure.erase_person import erase
from app.archive.queries import stored_calls
from app.archive.retention import reclaim_space
from app.archive.schema import tables
from app.db import metadata
from tests.archive.records import (
    NOW,
    a_call_record,
    a_participant,
    a_session,
    an_endpoint,
    an_identity,
    from_pages,
    guid,
    kept,
    only_row_of,
    rows_of,
    save,
)
from tests.archive.retention.archived_calls import (
    DOE,
    NAME,
    OTHER,
    TRACES,
    UPN,
    bytes_of,
    everything,
    everywhere,
    found_in,
    her_end,
    his_end,
    john,
)
from tests.some import some

pytestmark = pytest.mark.anyio

COUNTS = (
    *("participant_count", "session_count", "segment_count", "stream_count", "poor_stream_count"),
    *("quality", "failed", "rating", "pstn", "complete", "ordered_at", "duration_seconds", "first_stored_at"),
)


async def documents_of(database):
    return [codec.unpack(row["document"]) for row in await rows_of(database, tables.documents)]


async def test_the_scene_has_him_everywhere(database):
    await save(database, everywhere())
    assert set(found_in(await everything(database))) == set(TRACES)


async def test_nothing_of_him_is_left_in_any_row_or_document_of_any_version(database):
    await save(database, everywhere(version=2))
    await save(database, everywhere(version=1), everywhere(id=guid(7)))
    await erase(database, DOE)
    assert found_in(await everything(database)) == []


async def test_nothing_of_him_is_left_in_the_files(database, database_url):
    await save(database, everywhere())
    await save(database, everywhere(version=2))
    assert UPN in found_in(await bytes_of(database, database_url))
    await erase(database, DOE)
    assert await reclaim_space.rebuild(database, [table.name for table in metadata.sorted_tables])
    assert found_in(await bytes_of(database, database_url)) == []


async def test_a_transaction_from_before_is_waited_for_because_it_keeps_old_rows(database, database_url):
    await save(database, everywhere())
    async with database.snapshot() as reader:
        await reader.execute(select(func.count()).select_from(metadata.tables["leases"]))
        await erase(database, DOE)
        assert not await reclaim_space.rebuild(database, ["people"], wait=reclaim_space.PAUSE)
        assert UPN in found_in(await bytes_of(database, database_url))
    assert await reclaim_space.rebuild(database, ["people"])
    assert found_in(await bytes_of(database, database_url)) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_transaction_of_another_database_of_the_server_is_waited_for_too(database, database_url):
    await save(database, everywhere())
    other = await asyncpg.connect(make_url(database_url).set(database="postgres").render_as_string(False))
    try:
        async with other.transaction():
            await other.execute("SELECT pg_current_xact_id()")
            await erase(database, DOE)
            assert not await reclaim_space.rebuild(database, ["people"], wait=reclaim_space.PAUSE)
            assert UPN in found_in(await bytes_of(database, database_url))
    finally:
        await other.close()
    assert await reclaim_space.rebuild(database, ["people"])
    assert found_in(await bytes_of(database, database_url)) == []


async def test_the_call_is_as_countable_as_it_was(database):
    await save(database, everywhere())
    before = await only_row_of(database, tables.call_records)
    amounts = {table.name: len(await rows_of(database, table)) for table in tables.CHILDREN}
    await erase(database, DOE)
    after = await only_row_of(database, tables.call_records)
    assert {name: after[name] for name in COUNTS} == {name: before[name] for name in COUNTS}
    assert {table.name: len(await rows_of(database, table)) for table in tables.CHILDREN} == amounts
    assert after["stored_at"] > before["stored_at"]


async def test_he_stays_in_the_call_as_one_pseudonym(database):
    await save(database, everywhere())
    await erase(database, DOE)
    row = await only_row_of(database, tables.call_records)
    who = row["organizer_identity_id"]
    assert who.startswith(ERASED)
    (his, hers) = await rows_of(database, tables.participants)
    assert (his["identity_id"], his["participant_id"], his["identity_kind"]) == (who, who, "user")
    assert hers["participant_id"] == OTHER
    assert [row["caller_identity_id"] for row in await rows_of(database, tables.sessions)] == [who, OTHER]
    async with database.reading() as db:
        found = await db.execute(select(tables.people.c.person_id))
        assert who in found.scalars().all()


async def test_his_measurements_stay_and_what_he_wrote_and_his_addresses_go(database):
    await save(database, everywhere())
    await erase(database, DOE)
    (media, back) = await rows_of(database, tables.media)
    assert (media["caller_network_ip_address"], media["caller_device_capture_device_name"]) == (None, None)
    assert (media["caller_network_link_speed"], media["caller_device_mic_glitch_rate"]) == (4294967295, 0.5)
    assert (back["callee_network_mac_address"], back["caller_network_ip_address"]) == (None, "10.150.0.2")
    segment, _ = await rows_of(database, tables.segments)
    assert (segment["caller_feedback_text"], segment["caller_feedback_rating"]) == (None, "poor")
    assert segment["callee_name"] == "JANE-PC"


def leaves(value, path=()):
    if isinstance(value, dict):
        return {k: v for name, item in value.items() for k, v in leaves(item, (*path, name)).items()}
    if isinstance(value, list):
        return {k: v for name, item in enumerate(value) for k, v in leaves(item, (*path, name)).items()}
    return {path: value}


async def test_every_other_byte_of_the_document_stays(database):
    raw = orjson.dumps(everywhere()).replace(
        b'"number":1.1', b' "number" : 1.10,"again":1e400 ,"big":18446744073709551617'
    )
    raw = raw.replace(b'"endDateTime"', b'\n\t"endDateTime"', 1)
    record = kept(orjson.loads(orjson.dumps(everywhere())))
    record.document = codec.pack(raw)
    await save(database, record)
    await erase(database, DOE)
    (new,) = await documents_of(database)
    for piece in (b' "number" : 1.10,"again":1e400 ,"big":18446744073709551617', b'\n\t"endDateTime"', b"21.2169889Z"):
        assert piece in new
    old, now = (leaves(json.loads(text, parse_float=str)) for text in (raw, new))
    changed = [value for path, value in now.items() if old.get(path) != value]
    assert len(old) == len(now)
    assert all(value is None or ERASED in str(value) for value in some(changed))


async def test_who_was_only_in_an_earlier_version_is_gone_from_it_and_from_the_index(database):
    await save(database, everywhere(version=1))
    await save(database, a_call_record(version=2))
    assert UPN in found_in(await everything(database))
    assert (await erase(database, DOE)).rows == {"documents": 1}
    assert found_in(await everything(database)) == []


async def test_a_document_of_several_pages_keeps_its_frames(database):
    head = everywhere(sessions=[])
    record = from_pages(head, ("sessions", everywhere()["sessions"]), ("participants", [a_participant(id=DOE)]))
    await save(database, record)
    (before,) = await documents_of(database)
    await erase(database, DOE)
    (after,) = await documents_of(database)
    assert found_in(after) == []
    assert list(orjson.loads(after)) == list(orjson.loads(before))
    row = await only_row_of(database, tables.documents)
    assert row["raw_bytes"] == len(after)
    assert b"sessions" in codec.unpack(row["document"])


async def test_erasing_twice_changes_nothing_the_second_time(database):
    await save(database, everywhere())
    await erase(database, DOE)
    requests = "audit", "erasure_requests"
    before = await everything(database, but=requests)
    again = await erase(database, DOE)
    assert (again.calls, dict(again.rows), await everything(database, but=requests)) == (0, {}, before)


async def test_a_dry_run_reports_the_same_and_changes_nothing(database):
    await save(database, everywhere())
    before = await everything(database)
    said = await erase(database, DOE, dry_run=True)
    assert await everything(database) == before
    assert said == await erase(database, DOE)
    assert said.rows == {
        "call_records": 1, "documents": 1, "media": 2, "participants": 1,
        "segments": 2, "sessions": 2, "trace_route_hops": 2,
    }  # fmt: skip


@pytest.mark.parametrize("given", [DOE.upper(), UPN, UPN.title()])
async def test_he_is_found_by_id_and_by_principal_name_in_any_case(database, given):
    await save(database, everywhere())
    await save(database, a_call_record(id=guid(8), participants_v2=[{"id": DOE, "identity": {"user": {"id": DOE}}}]))
    await erase(database, given)
    assert found_in(await everything(database)) == []


async def test_a_telephone_party_is_erased_by_its_number_and_stays_a_telephone(database):
    phone = {"id": "+4930123456", "displayName": None, "tenantId": None}
    caller = his_end(associatedIdentity=phone, identity=None)
    party = a_participant(id="+4930123456", identity={"phone": phone})
    await save(database, a_call_record(participants_v2=[party], sessions=[a_session(caller=caller)]))
    before = await only_row_of(database, tables.call_records)
    await erase(database, "+4930123456")
    assert found_in(await everything(database), ["4930123456"]) == []
    after = await only_row_of(database, tables.call_records)
    assert (after["pstn"], before["pstn"]) == (True, True)
    assert (await only_row_of(database, tables.sessions))["caller_identity_kind"] == "phone"


async def test_an_erased_telephone_stays_one_when_another_person_of_the_call_is_erased(database):
    first, second = (
        {"id": number, "displayName": None, "tenantId": None} for number in ("+4930123456", "+41225550146")
    )
    ends = {"caller": an_endpoint(associatedIdentity=first), "callee": an_endpoint(associatedIdentity=second)}
    await save(database, a_call_record(sessions=[a_session(**ends, segments=[])]))
    for number in (first["id"], second["id"]):
        await erase(database, number)
    row = await only_row_of(database, tables.sessions)
    assert (row["caller_identity_kind"], row["callee_identity_kind"]) == ("phone", "phone")


async def test_another_of_the_same_name_stays_and_one_word_is_only_taken_from_what_people_wrote(database):
    ada, other = an_identity(id=DOE, displayName="Windows"), an_identity(displayName="Windows")
    parties = [a_participant(identity={"user": ada}), a_participant(identity={"user": other})]
    end = his_end(feedback={"rating": "poor", "text": "windows was not to be heard"}, associatedIdentity=other)
    await save(database, a_call_record(participants_v2=parties, sessions=[a_session(caller=end, segments=[])]))
    await erase(database, DOE)
    names = [row["identity_display_name"] for row in await rows_of(database, tables.participants)]
    assert names[0].startswith(ERASED)
    assert names[1] == "Windows"
    session = await only_row_of(database, tables.sessions)
    assert session["caller_user_agent_platform"] == "windows"
    assert session["caller_feedback_text"].startswith(ERASED)


async def test_a_successor_with_the_same_principal_name_stays(database):
    successor = an_identity(id=OTHER, userPrincipalName=UPN, displayName="Johanna")
    await save(database, a_call_record(participants_v2=[a_participant(identity={"user": successor})]))
    await save(database, everywhere(id=guid(9)))
    await erase(database, DOE)
    names = [row["identity_user_principal_name"] for row in await rows_of(database, tables.participants)]
    assert UPN in names
    assert DOE not in found_in(await everything(database))


async def test_in_a_call_without_him_his_name_goes_from_what_others_wrote(database):
    await save(database, everywhere())
    await save(database, a_call_record(id=guid(5), sessions=[a_session(caller=her_end())]))
    report = await erase(database, DOE)
    assert report.calls == 2
    assert found_in(await everything(database)) == []


async def test_his_calls_cannot_be_put_together_and_versions_of_one_call_agree(database):
    for record in (everywhere(version=1), everywhere(version=2), everywhere(id=guid(6))):
        await save(database, record)
    await erase(database, DOE)
    first, second, other = (json.loads(text)["organizer_v2"]["id"] for text in await documents_of(database))
    assert first == second != other


async def test_what_is_remembered_of_him_is_a_hash_that_only_this_database_can_make(database):
    await save(database, everywhere())
    await erase(database, DOE)
    rows = await rows_of(database, erasures)
    assert {len(row["digest"]) for row in rows} == {32}
    assert sorted(row["only_without_id"] for row in rows) == [False, True, True]
    assert len({row["person"] for row in rows}) == 1


async def test_an_id_that_is_a_calls_own_and_not_a_persons_changes_nothing_but_itself(database):
    await save(database, everywhere())
    before = await only_row_of(database, tables.call_records)
    await erase(database, before["call_id"])
    after = await only_row_of(database, tables.call_records)
    assert {name: after[name] for name in ("type", "organizer_id", "call_id")} == {
        name: before[name] for name in ("type", "organizer_id", "call_id")
    }


async def test_an_incomplete_record_stays_incomplete(database):
    await save(database, kept(everywhere(), incomplete="a link leads nowhere"))
    await erase(database, DOE)
    row = await only_row_of(database, tables.call_records)
    assert (row["complete"], row["incomplete_reason"]) == (False, "a link leads nowhere")
    assert found_in(await everything(database)) == []


async def test_a_reader_who_is_erased_stays_in_the_audit_as_a_pseudonym(database):
    entry = {"at": NOW, "who": DOE, "method": "GET", "route": "/api/calls", "status": 200}
    async with database.begin() as db:
        await db.execute(insert(audit), [entry])
    assert (await erase(database, DOE)).rows == {"audit": 1}
    first, *_ = await rows_of(database, audit)
    assert first["who"].startswith(ERASED)


async def test_half_a_surrogate_pair_and_deep_nesting_are_no_obstacle(database):
    deep = b'{"a":' * 300 + b'"' + DOE.encode() + b'"' + b"}" * 300
    raw = orjson.dumps(everywhere())[:-1] + b',"deep":' + deep + b',"half":"\\ud83d ' + DOE.encode() + b'"}'
    record = kept(everywhere())
    record.document = codec.pack(raw)
    await save(database, record)
    await erase(database, DOE)
    assert found_in(await everything(database)) == []
    async with database.reading() as db:
        assert await stored_calls.document(db, record.call_id)


def test_the_person_of_these_tests_has_a_name():
    assert john()["displayName"] == NAME
