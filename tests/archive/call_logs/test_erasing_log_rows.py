"""Erasing a person leaves no number, name, address or id of them in rows of the logs, earlier contents included."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.archive.call_logs import store
from app.archive.documents import codec
from app.archive.erasure import erase_person
from app.archive.schema.call_log_tables import call_log_row_versions, call_log_rows
from tests.archive.call_logs.log_rows import CALL, NOW, USER, direct_routing, pstn
from tests.archive.records import guid

pytestmark = pytest.mark.anyio
MINE = "+49301239900"
OF_ERASED = ("mira", USER, "9900")


async def put(database, *rows):
    async with database.begin() as db:
        for row in rows:
            await store.put(db, [row], NOW)


async def everything(database):
    """All that is stored of rows, as text, by row id or number of the earlier content."""
    found = {}
    async with database.reading() as db:
        for table in (call_log_rows, call_log_row_versions):
            for row in (await db.execute(select(table))).mappings():
                values = {name: value for name, value in row.items() if name not in {"document", "content_hash"}}
                found[row.get("row_id") or row["revision"]] = (
                    f"{values} {codec.unpack(row['document']).decode()}".lower()
                )
    return found


async def test_a_user_is_erased_with_the_number_on_their_side_of_each_call(subtests, database):
    theirs = {
        "outbound": pstn(note="called by Mira Holm"),
        "inbound": pstn(id=guid(), callType="user_in", callerNumber="+4915555501234", calleeNumber=MINE),
        "direct routing": direct_routing(
            id=guid(),
            callType="ByotOut",
            userId=USER,
            userDisplayName="Mira Holm",
            userPrincipalName=None,
            callerNumber=MINE,
            calleeNumber="+4533004400",
        ),
        "by the address alone": pstn(id=guid(), userId=None),
    }
    bridge = pstn(id=guid(), callType="conf_in", callerNumber="+4915555501234", calleeNumber="+4930555000")
    other = pstn(
        id=guid(),
        userId=guid(),
        userPrincipalName="ida@fabrikam.example",
        userDisplayName="Ida",
        callerNumber="+49301238800",
    )
    await put(database, *theirs.values(), bridge, other)
    await put(database, pstn(charge=0.5))  # what came before is an earlier content
    before = (await everything(database))[other.row_id]

    report = await erase_person.erase(database, f"{{{USER.upper()}}}", dry_run=True)
    assert report.rows == {"call_log_rows": 5, "call_log_row_versions": 1}
    assert "mira" in (await everything(database))[bridge.row_id]  # nothing was changed

    report = await erase_person.erase(database, USER)
    assert report.rows == {"call_log_rows": 5, "call_log_row_versions": 1}
    after = await everything(database)
    for key, text in after.items():
        with subtests.test(row=key):
            assert [word for word in OF_ERASED if word in text] == []
    assert after[other.row_id] == before
    assert "+4930555000" in after[bridge.row_id]  # the number of the conference bridge is nobody's
    assert "+4915555501234" in after[theirs["inbound"].row_id]
    assert not (await erase_person.erase(database, USER)).rows


async def test_a_number_is_erased_wherever_it_stands(database):
    number = "+49 30 123 9911"
    caller = pstn(
        id=guid(), callType="user_in", callerNumber="+49301239911", calleeNumber=MINE, contact="0049 30 1239911"
    )
    await put(database, caller, pstn())
    assert (await erase_person.erase(database, number)).rows == {"call_log_rows": 1}
    after = await everything(database)
    assert "9911" not in after[caller.row_id]
    assert "mira" in after[caller.row_id]


async def test_a_row_and_its_call_have_one_pseudonym_and_a_row_that_is_read_again_is_no_change(database):
    row = direct_routing(userId=USER, callType="ByotIn", calleeNumber=MINE)
    await put(database, row)
    await erase_person.erase(database, USER)
    async with database.reading() as db:
        stored = (await db.execute(select(call_log_rows))).one()
    assert stored.user_id == stored.callee_number
    assert (stored.join_id, stored.callee_digits, stored.revision) == (CALL, None, 1)
    assert stored.ordered_at == row.columns["ordered_at"]
    assert stored.last_seen_at < NOW + timedelta(seconds=1)
