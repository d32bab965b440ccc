"""Outcomes are stored with each version, follow the rows of logs and the list of resource accounts, and are found."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update

from app import ids
from app.archive.daily import count_job
from app.archive.daily.calls_over_time import counted
from app.archive.erasure.erase_person import erase
from app.archive.outcomes.stored import with_outcome
from app.archive.queries import stored_calls
from app.archive.queries.filters import Filters
from app.archive.schema.call_log_tables import call_log_rows
from app.archive.schema.count_tables import hour_counts
from app.archive.schema.outcome_tables import voice_app_steps, voice_apps
from app.archive.schema.tables import call_records
from app.archive.sites import stored_places
from app.archive.sites.current_sites import CurrentSites
from app.archive.store import record_store
from app.archive.upgrade.derive import Derive
from app.archive.voice_apps import judging_again, store
from app.archive.voice_apps.changed_accounts import LATE, ChangedAccounts
from app.archive.voice_apps.file import Account
from app.archive.voice_apps.store import Imported
from app.db import direct
from app.simulator.calls import KINDS
from app.simulator.records import a_call_record as invented
from app.telephony.joins.job import JoinLogRows
from tests.archive.records import NOW, TENANT, guid, kept, only_row_of, rows_of, save

pytestmark = pytest.mark.anyio

START = datetime(2026, 2, 25, 9, tzinfo=UTC)


def a_call(kind="queue", number=1, **more):
    return invented(id=guid(number), seed=7, start=START, tenant_id=TENANT, **{**KINDS[kind], **more})


def without_agents(record):
    """The first version of a call to a queue, as Graph may send it an hour before the second."""
    agents = {"serviceUserAgent", "unknown"}
    first = [one for one in record["sessions"] if one["callee"]["userAgent"]["role"] not in agents]
    return {**record, "version": 1, "sessions": first}


async def judged_again(database):
    return await Derive(database, holder="test").once()


async def verdict(database):
    row = await only_row_of(database, call_records)
    return row["outcome"], row["outcome_basis"], row["outcome_confidence"]


async def join(database, **columns):
    """A row of a log that is joined with the only call, and what joining does then."""
    call = await only_row_of(database, call_records)
    values = {
        "tenant_id": TENANT,
        "row_id": guid(),
        "ordered_at": 0,
        "direction": "unknown",
        "raw_bytes": 0,
        "document": b"",
        "content_hash": b"",
        "revision": 1,
        "join_due": False,
        "join_method": "id",
        **dict.fromkeys(("is_voice_app", "is_conference"), False),
        **dict.fromkeys(("first_seen_at", "changed_at", "last_seen_at"), NOW),
        "call_key": call["key"],
    }
    async with database.begin() as db:
        await db.execute(insert(call_log_rows), [values | columns])
        await judging_again.mark_changed(db, {call["key"]})


async def test_an_outcome_follows_the_version_that_has_the_agent(database):
    second = {**a_call(), "version": 2}
    await save(database, without_agents(second))
    assert await verdict(database) == ("abandoned", "ended_in_queue", "low")
    first_until = (await only_row_of(database, call_records))["outcome_provisional_until"]
    assert first_until - kept(second).row["last_modified_date_time"] == timedelta(hours=4)
    await save(database, second)
    assert await verdict(database) == ("answered", "agent_session", "medium")
    assert (await only_row_of(database, call_records))["outcome_provisional_until"] is None
    steps = await rows_of(database, voice_app_steps)
    assert [(row["kind"], row["agents_offered"]) for row in steps] == [
        ("auto_attendant", 0),
        ("call_queue", 3),
        ("agent", 0),
    ]
    await save(database, without_agents(second))  # an older version changes nothing
    assert await verdict(database) == ("answered", "agent_session", "medium")


async def test_a_joined_row_is_evidence_and_stays_so_with_the_next_version(database):
    call = a_call("failed")
    await save(database, call)
    assert await verdict(database) == ("not_answered", "no_media", "low")
    row = {"kind": "direct_routing", "call_type": "ByotIn", "successful_call": False, "final_sip_code": 486}
    await join(database, **row)
    assert await judged_again(database) == 1
    assert await verdict(database) == ("busy", "direct_routing_log", "high")
    found = await only_row_of(database, call_records)
    assert (found["direction"], found["pstn"], found["failed"]) == ("inbound", True, True)
    await save(database, {**call, "version": 2})
    assert await verdict(database) == ("busy", "direct_routing_log", "high")


async def test_joining_a_row_has_the_call_judged_again_once(database):
    await save(database, a_call("failed"))
    call = await only_row_of(database, call_records)
    due = {"join_due": True, "join_id": call["call_id"], "call_key": None, "join_method": None}
    await join(database, kind="direct_routing", call_type="ByotIn", successful_call=False, final_sip_code=603, **due)
    jobs = JoinLogRows(database, holder="test"), Derive(database, holder="test")
    assert [await job.once() for job in jobs] == [1, 1]
    assert await verdict(database) == ("declined", "direct_routing_log", "high")
    assert [await job.once() for job in jobs] == [1, 0]  # the call was saved, so its row was joined again


async def test_a_worker_that_saves_a_new_version_has_its_rows_read_afterwards(database):
    call = a_call("failed")
    await save(database, call)
    await join(database, kind="pstn", call_type="user_in", duration=9)
    await judged_again(database)
    assert await verdict(database) == ("answered", "pstn_log", "high")
    async with database.begin() as db:
        (place,) = await stored_places.located(db, [kept({**call, "version": 2})], CurrentSites())
        fresh = with_outcome(place)
        begun = await direct.run(db, record_store.begin(db.dialect, [fresh]))
        await record_store.complete(db, [fresh], begun)
    assert (await verdict(database))[0] == "not_answered"
    assert await judged_again(database) == 1
    assert await verdict(database) == ("answered", "pstn_log", "high")


async def test_a_call_whose_rows_say_the_same_is_not_saved_again(database):
    await save(database, a_call("failed"))
    await join(database, kind="pstn", call_type="user_in", duration=9)
    await judged_again(database)
    (key,) = [row["key"] for row in await rows_of(database, call_records)]
    async with database.begin() as db:
        await judging_again.mark_changed(db, {key})
    assert await judged_again(database) == 0
    async with database.begin() as db:
        await db.execute(delete(call_log_rows))
        await judging_again.mark_changed(db, {key})
    assert await judged_again(database) == 1
    assert (await verdict(database))[1] == "no_media"


async def test_calls_of_an_older_program_get_their_outcomes_in_the_background(database):
    await save(database, a_call())
    nothing = dict.fromkeys(("outcome", "outcome_basis", "outcome_confidence", "direction"))
    async with database.begin() as db:
        await db.execute(update(call_records).values(nothing | {"derivation": 14}))
        await db.execute(delete(voice_app_steps))
    assert await judged_again(database) == 1
    assert (await verdict(database))[0] == "answered"
    assert len(await rows_of(database, voice_app_steps)) == 3


async def test_calls_are_found_and_counted_by_outcome_direction_and_telephone(database, subtests):
    kinds = ["queue", "queue_missed", "peerToPeer", "pstn", "groupCall"]
    await save(database, *(a_call(kind, number) for number, kind in enumerate(kinds, 1)))
    await count_job.settle(database, holder="test")
    questions = [
        ({"outcome": "answered"}, {"queue", "peerToPeer", "pstn"}),
        ({"outcome": "not_answered"}, {"queue_missed"}),
        ({"outcome": "busy"}, set()),
        ({"outcome": "answered", "direction": "inbound"}, {"queue"}),
        ({"direction": "internal"}, {"peerToPeer", "groupCall"}),
        ({"pstn": True}, {"queue", "queue_missed", "pstn"}),
        ({"pstn": False}, {"peerToPeer", "groupCall"}),
    ]
    async with database.snapshot() as db:
        for asked, expected in questions:
            with subtests.test(asked=asked):
                found = (await stored_calls.calls(db, Filters(**asked))).items
                assert {kinds[int(call["id"][-2:], 16) - 1] for call in found} == expected
        day = Filters(since=START - timedelta(hours=9), until=START + timedelta(hours=15))
        (one,) = await counted(db, day, "day", "outcome")
        assert {value: counts.calls for value, counts in one.by.items()} == {
            "answered": 3,
            "not_answered": 1,
            "unknown": 1,
        }
        (one,) = await counted(db, day, "day", "pstn")
        assert {value: counts.calls for value, counts in one.by.items()} == {"true": 3, "false": 2}


def program(session):
    """Whether it is one of Microsoft's program, which says what the call went through."""
    identity = session["caller"].get("identity") or {}
    return any(identity.get(name) for name in ("application", "applicationInstance"))


async def test_an_account_is_learned_from_a_record_and_named_by_a_file(database):
    await save(database, a_call(), a_call("queue_missed", 2))
    learned = await rows_of(database, voice_apps)
    assert {(row["kind"], row["is_imported"]) for row in learned} == {("auto_attendant", False), ("call_queue", False)}
    (queue, *_) = [row["object_id"] for row in learned if row["kind"] == "call_queue"]
    account = Account(queue, "Support", "call_queue")
    async with database.begin() as db:
        assert await store.replace(db, ids.tenant_id(TENANT), [account], NOW) == Imported(1, 0, 0)
    async with database.reading() as db:
        listed = await store.listed(db)
        known = [await stored_calls.call(db, guid(number)) for number in (1, 2)]
    assert [(row["name"], row["source"], row["visits"]) for row in listed if row["object_id"] == queue] == [
        ("Support", "file", 2)
    ]
    names = {step["name"] for call in known for step in call["voice_apps"] if step["kind"] == "call_queue"}
    assert names == {"Support"}


async def test_calls_of_an_account_that_a_file_changes_are_judged_again(database):
    silent = a_call("queue_missed")
    menu, waiting, *others = silent["sessions"]
    assert menu["callee"]["userAgent"].pop("role") == "skypeForBusinessAutoAttendant"
    assert waiting["callee"]["userAgent"].pop("role") == "skypeForBusinessCallQueues"
    queue = waiting["callee"]["identity"]["user"]["id"]
    silent["sessions"] = [menu, waiting, *(one for one in others if not program(one))]
    await save(database, silent)
    assert (await verdict(database))[1] == "nothing"
    job = ChangedAccounts(database, holder="test", clock=lambda: NOW + LATE)
    for accounts, changes, expected in (
        ([Account(ids.guid(queue), "Support", "call_queue")], Imported(1, 1, 0), "agents_only_rang"),
        ([], Imported(0, 0, 1), "nothing"),
    ):
        async with database.begin() as db:
            assert await store.replace(db, ids.tenant_id(TENANT), accounts, NOW) == changes
        early = ChangedAccounts(database, holder="test", clock=lambda: NOW + LATE - timedelta(seconds=1))
        assert await early.once() == 0
        assert await job.once() == 1
        assert await job.once() == 0
        assert await judged_again(database) == 1
        assert (await verdict(database))[1] == expected


async def test_who_answered_is_erased_and_the_call_stays_answered(database):
    call = a_call()
    await save(database, call)
    (agent,) = [row for row in await rows_of(database, voice_app_steps) if row["kind"] == "agent"]
    assert agent["name"]
    report = await erase(database, agent["object_id"], dry_run=True)
    assert report.rows["voice_app_steps"] == 1
    assert (await erase(database, agent["object_id"])).rows == report.rows
    assert await verdict(database) == ("answered", "agent_session", "medium")
    (erased,) = [row for row in await rows_of(database, voice_app_steps) if row["kind"] == "agent"]
    assert {agent["object_id"], agent["name"]}.isdisjoint(erased.values())
    assert agent["name"] not in str(await rows_of(database, call_records))


async def test_calls_with_a_telephone_are_found_before_an_older_programs_calls_are_derived_again(database):
    await save(database, a_call(), a_call("pstn", 2))
    await count_job.settle(database, holder="test")
    async with database.begin() as db:  # as an older program saved them: counted without this dimension
        await db.execute(update(call_records).values(derivation=14))
        await db.execute(delete(hour_counts))
    async with database.reading() as db:
        assert len((await stored_calls.calls(db, Filters(pstn=True))).items) == 2
