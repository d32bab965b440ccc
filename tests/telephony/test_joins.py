"""Rows of the logs and archived calls find each other, whichever comes first, and nothing is joined by a guess."""

import pytest
from sqlalchemy import select

from app.archive.call_logs import store
from app.archive.parse.call_logs import masked
from app.archive.schema.call_log_tables import call_log_changed_calls, call_log_rows
from app.archive.schema.tables import call_records
from app.telephony.joins.heuristic import Candidate, Wanted, fits, only
from app.telephony.joins.job import JoinLogRows
from tests.archive.call_logs import log_rows
from tests.archive.call_logs.log_rows import CALL, NOW, USER
from tests.archive.records import a_call_record, a_participant, guid, kept, save

pytestmark = pytest.mark.anyio
SECOND = 1_000_000
OUTSIDE = "+49301230123"


def pstn(**changes):
    return log_rows.pstn(**changes)


def call(number=OUTSIDE, user=USER, start="2026-03-02T08:14:00Z", end="2026-03-02T08:17:00Z", **changes):
    """A call of the user with an outside number, at the time of the PSTN row."""
    people = [a_participant(identity={"user": {"id": user, "displayName": "Mira"}})]
    people.append(a_participant(id=number, identity={"phone": {"id": number}}))
    return kept(
        a_call_record(
            id=guid(),
            startDateTime=start,
            endDateTime=end,
            organizer_v2=people[0],
            participants_v2=people,
            sessions=[],
            **changes,
        ),
        tenant=log_rows.TENANT,
    )


async def put(database, *rows, now=NOW):
    async with database.begin() as db:
        for row in rows:
            await store.put(db, [row], now)


async def join(database):
    touched = []

    async def on_joined(_db, keys):
        touched.extend(keys)

    await JoinLogRows(database, holder="here", on_joined=on_joined).once()
    return sorted(set(touched))


async def joins(database):
    """By row id: the id of the call, and the method."""
    r = call_log_rows.c
    wanted = select(r.row_id, call_records.c.call_id, r.join_method).outerjoin(
        call_records, call_records.c.key == r.call_key
    )
    async with database.reading() as db:
        assert not (await db.execute(select(r.key).where(r.join_due))).all()
        return {row_id: (call_id, method) for row_id, call_id, method in await db.execute(wanted)}


async def test_rows_that_name_a_call_are_joined_by_id_whichever_comes_first(subtests, database):
    first, second = log_rows.direct_routing(), log_rows.direct_routing(id=guid(), callType="ByotOutUserTransfer")
    operator = pstn(id=guid(), callId=CALL.upper(), callType="oc_ucap_in")
    await put(database, first)
    assert await join(database) == []
    with subtests.test("the row came first"):
        await save(database, kept(a_call_record(id=CALL), tenant=log_rows.TENANT))
        assert len(await join(database)) == 1
        assert await joins(database) == {first.row_id: (CALL, "id")}
    with subtests.test("the call came first, and several rows are of one call"):
        await put(database, second, operator)
        await join(database)
        assert set((await joins(database)).values()) == {(CALL, "id")}
    with subtests.test("a call of another tenant is another call"):
        await put(
            database,
            log_rows.parsed(
                "00000000-0000-4000-8000-0000000000bb", "direct_routing", log_rows.DIRECT_ROUTING | {"id": "x"}, NOW
            ),
        )
        await join(database)
        assert (await joins(database))["x"] == (None, None)


async def test_a_calling_plan_row_is_joined_with_the_one_call_of_its_number_user_and_time(database):
    found = call()
    await save(
        database,
        found,
        call(number="+49301239999"),
        call(user=guid()),
        call(start="2026-03-02T09:00:00Z", end="2026-03-02T09:05:00Z"),
    )
    await put(database, pstn())  # its callee is masked
    await join(database)
    assert await joins(database) == {pstn().row_id: (found.call_id, "heuristic")}


async def test_two_calls_that_fit_are_no_join_and_a_later_one_takes_the_join_away(database):
    first = call()
    await put(database, pstn())
    await save(database, first)
    await join(database)
    assert await joins(database) == {pstn().row_id: (first.call_id, "heuristic")}
    await save(database, call())
    await join(database)
    assert await joins(database) == {pstn().row_id: (None, None)}


async def test_a_row_is_joined_again_when_it_changes(database):
    await save(database, call())
    await put(database, pstn(calleeNumber="+49301230999"))
    await join(database)
    assert await joins(database) == {pstn().row_id: (None, None)}
    await put(database, pstn())
    await join(database)
    assert (await joins(database))[pstn().row_id][1] == "heuristic"


async def test_a_row_without_a_user_is_joined_by_the_number_of_the_organizer(database):
    outside = {"phone": {"id": "+4915555501234"}}
    document = a_call_record(
        id=guid(),
        startDateTime="2026-03-02T08:14:00Z",
        endDateTime="2026-03-02T08:15:00Z",
        sessions=[],
        organizer_v2={"id": "+4915555501234", "identity": outside},
        participants_v2=[],
    )
    await save(database, kept(document, tenant=log_rows.TENANT))
    row = pstn(userId=None, callType="ucap_in", callerNumber="+4915555501***", calleeNumber="+4930555000")
    await put(database, row)
    await join(database)
    assert await joins(database) == {row.row_id: (document["id"], "heuristic")}


async def test_saved_calls_are_noted_only_where_there_are_rows(database):
    async def noted():
        async with database.reading() as db:
            return len((await db.execute(select(call_log_changed_calls))).all())

    await save(database, call())
    assert await noted() == 0
    await put(database, pstn())
    await save(database, call(), call())
    assert await noted() == 2
    await join(database)
    assert await noted() == 0


WANTED = Wanted(1000 * SECOND, USER, [masked.Digits("49301239900"), masked.Digits("49301230", 3)])
HERE = Candidate(1, 1000 * SECOND, 1060 * SECOND, {USER, "+49301230123"})
FITS = {
    "all as it should be": (HERE, True),
    "the number of the user's side": (HERE._replace(people={USER, "+49301239900"}), True),
    "masked in the call as well": (HERE._replace(people={USER, "+49301230***"}), True),
    "masked further in the call": (HERE._replace(people={USER, "+4930123****"}), True),
    "another number": (HERE._replace(people={USER, "+49301231123"}), False),
    "a longer number": (HERE._replace(people={USER, "+493012301234"}), False),
    "no number at all": (HERE._replace(people={USER}), False),
    "another user": (HERE._replace(people={"other", "+49301230123"}), False),
    "60 s before it began": (HERE._replace(start_at=1060 * SECOND), True),
    "61 s before it began": (HERE._replace(start_at=1061 * SECOND, end_at=1099 * SECOND), False),
    "60 s after it ended": (HERE._replace(start_at=0, end_at=940 * SECOND), True),
    "61 s after it ended": (HERE._replace(start_at=0, end_at=939 * SECOND), False),
}


def test_number_user_and_time_must_all_fit(subtests):
    for name, (candidate, expected) in FITS.items():
        with subtests.test(name):
            assert fits(WANTED, candidate) is expected


def test_only_a_single_candidate_is_taken():
    assert only(WANTED, []) is None
    assert only(WANTED, [HERE, HERE._replace(call_key=2, people={USER})]) == 1
    assert only(WANTED, [HERE, HERE._replace(call_key=2)]) is None


def test_a_row_whose_number_is_masked_completely_fits_no_call():
    nothing = WANTED._replace(numbers=[masked.Digits("", 11)])
    assert not fits(nothing, HERE)
