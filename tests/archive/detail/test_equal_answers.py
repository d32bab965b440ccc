"""Whatever reads a call's detail answers the same from rows and from the document."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import wire
from app.archive.detail.from_document import Document
from app.archive.detail.wanted import EVERYTHING, width
from app.archive.documents import archived, items
from app.archive.documents.exact_json import dumps
from app.archive.parse.quality_rules import DEFAULT
from app.archive.parse.record import RecordBuilder
from app.archive.retention import expired_calls
from app.archive.schema.tables import DETAIL
from app.simulator.records import a_call_record as simulated
from tests.archive.detail.answers import answers, every_row, listed, remove_rows, row_counts, write_rows
from tests.archive.parse.test_hostile_records import hostile
from tests.archive.records import (
    CALL,
    NOW,
    TENANT,
    a_call_record,
    a_media,
    a_segment,
    a_session,
    a_stream,
    an_endpoint,
    an_identity,
    from_pages,
    guid,
    kept,
    save,
)

pytestmark = pytest.mark.anyio

HOPS = [{"hopCount": n, "ipAddress": f"10.0.0.{n}", "roundTripTime": "PT0.01S"} for n in (1, 2)]
ODD = a_call_record(
    id=guid(0x0DD),
    sessions=[
        "no object",
        a_session(
            caller=an_endpoint(associatedIdentity=an_identity(id=guid(0xADA))),
            segments=[
                None,
                a_segment(caller=None, callee=None),
                a_segment(
                    media=[7, a_media(calleeNetwork={"traceRouteHops": [*HOPS, "?"]}, streams=["?", a_stream()])]
                ),
            ],
        ),
        a_session(segments={}, modalities=None, failureInfo={"stage": "midcall", "reason": "?"}),
    ],
)
SHAPES = [
    {},
    {"type": "groupCall", "participants": 4, "video": True, "sharing": True, "poor": True, "feedback": True},
    {"type": "groupCall", "queue": True},
    {"pstn": True, "bare_numbers": True, "failed": True},
    {"shape": "beta", "none_names": True, "several_identities": True, "float_integers": True, "odd_numbers": True},
    {"no_sessions": True},
    {"empty_media": True, "nulls": False, "extras": True, "unknown_members": True, "deprecated": True},
]


async def test_every_reader_answers_the_same_from_rows_and_from_documents(database):
    """Also of a meeting that is read in pieces, and of odd records."""
    records = [simulated(seed=number, tenant_id=TENANT, **shape) for number, shape in enumerate(SHAPES)]
    meeting = a_call_record(id=guid(0xBEE), sessions=[])
    paged = from_pages(meeting, ("sessions", [a_session() for _ in range(101)]), ("sessions", [a_session()]))
    await save(database, *map(kept, records), kept(ODD), paged)
    participants = sorted({one["id"] for record in records for one in record.get("participants_v2", ())})[::3]
    participants += [one["user"]["id"] for record in records[4:5] for one in record["participants"]]
    before, rows, found = await answers(database), await row_counts(database), await listed(database, participants)
    assert min(count for _, count in found.values()) > 0
    assert min(rows.values()) > 0
    assert await remove_rows(database) == len(records) + 2
    assert set((await row_counts(database)).values()) == {0}
    assert (await answers(database), await listed(database, participants)) == (before, found)
    assert await write_rows(database) == len(records) + 2
    assert (await answers(database), await row_counts(database)) == (before, rows)


invented = st.fixed_dictionaries(
    {"seed": st.integers(0, 10_000), "participants": st.integers(1, 5), "segments": st.integers(1, 3)},
    optional={
        "type": st.sampled_from(["peerToPeer", "groupCall"]),
        "shape": st.sampled_from(["v1.0", "beta"]),
        "session_ids": st.sampled_from(["plain", "prefixed", "braces"]),
    }
    | {
        name: st.booleans()
        for name in ("poor", "failed", "feedback", "video", "sharing", "pstn", "nulls", "odd_numbers", "extras")
    },
).map(lambda recipe: simulated(**recipe))


def read(record):
    """As a fetch reads one response."""
    raw = dumps(record)
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(wire.parsed(raw), raw)
    return builder.finish(NOW)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=invented | hostile, large=st.booleans())
def test_a_document_gives_the_rows_that_saving_it_writes(record, large):
    """Also where it is so large that its sessions are parsed one by one."""
    saved = read(record)
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr(archived, "_LARGE", 0)
        document = Document(1, saved.document, DEFAULT, {})
    assert isinstance(document.sessions, items.Items if large and document.sessions else list)
    found = document.rows(EVERYTHING)
    assert {name: [row[1:] for row in rows] for name, rows in found.items()} == {
        table.name: sorted(saved.children[table.name], key=lambda row: row[: width(table) - 1]) for table in DETAIL
    }


@pytest.mark.slow
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(records=st.lists(invented | hostile, min_size=1, max_size=3))
async def test_the_database_gives_back_the_values_that_a_document_gives(database, records):
    calls = [read(record) for record in records]
    for number, call in enumerate(calls):
        call.call_id = call.row["call_id"] = guid(number)
    async for _ in expired_calls.purge(database, wire.AFTER_LAST):
        pass  # the calls of the last example
    await save(database, *calls)
    before = await every_row(database)
    assert await remove_rows(database) == len(calls)
    assert await every_row(database) == before
