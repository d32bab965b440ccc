"""The kind of a row's last error: filled by the migration for what an older program wrote."""

import pytest
from sqlalchemy import select, text

from app.fetch import retry
from app.graph.errors import BadResponse, LoginFailed, NotFound, Refused, Throttled, Unavailable
from app.inbox.model import inbox
from tests.upgrades.old import NEWEST, migrate_to

pytestmark = pytest.mark.anyio

ERRORS = [NotFound("404"), Refused("403"), Throttled("429"), Unavailable("503"), BadResponse("?"), LoginFailed("401")]
RAN_OUT = "Graph's 30 days ran out; last: "
ROW = text(
    "INSERT INTO inbox (tenant_id, call_id, state, notices, attempts, first_seen_at, due_at, deadline, last_error)"
    " SELECT 't', :call, 'due', 1, 1, until, until, until, :why FROM leases"
)
MOMENT = text("INSERT INTO leases (name, holder, until) VALUES ('a moment', 'h', '2026-01-31 09:05:00.000000+00:00')")


async def test_rows_of_an_older_program_get_the_kind_of_their_error(empty):
    reported = {f"{before}{retry.explain(error)}": retry.kind(error) for error in ERRORS for before in ("", RAN_OUT)}
    reported |= {"internal error: KeyError": "internal", "stored incomplete: no sessions": "incomplete", "else": None}
    await migrate_to(empty, "0009")
    async with empty.begin() as db:
        await db.execute(MOMENT)
        for why in reported:
            await db.execute(ROW, {"call": why, "why": why})
    await migrate_to(empty, NEWEST)
    async with empty.reading() as db:
        found = await db.execute(select(inbox.c.last_error, inbox.c.error_kind))
    assert {row.last_error: row.error_kind for row in found} == reported
