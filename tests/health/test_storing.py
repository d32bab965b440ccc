"""The reason `storing`: since when, why, and until when notifications cannot be stored."""

import pytest
from sqlalchemy import text

from app.db.outage.causes import CONNECTION, DISK_FULL, LOCK, WORDS
from app.health.storing import Storing, probe

CLOCK = [100.0]


@pytest.fixture
def storing():
    CLOCK[0] = 100.0
    return Storing(lambda: CLOCK[0])


def test_it_is_a_reason_from_the_first_refusal_until_something_is_stored(storing):
    assert storing.reason() is None
    storing.refused(CONNECTION)
    CLOCK[0] += 90
    storing.refused(LOCK)
    storing.refused(DISK_FULL, requests=0)  # a probe
    reason = storing.reason()
    assert (reason.reason, reason.tenant_id) == ("storing", None)
    assert WORDS[DISK_FULL] in reason.detail
    assert "for 1 min 30 s, 2 requests" in reason.detail
    assert storing.stored() == 90
    assert storing.reason() is None
    assert storing.stored() == 0


@pytest.mark.parametrize("why", WORDS)
def test_each_cause_says_what_to_do(storing, why):
    storing.refused(why)
    assert "To do: " in storing.reason().detail


@pytest.mark.anyio
async def test_a_probe_finds_what_a_notification_would_meet_and_leaves_nothing(database):
    if database.dialect == "sqlite":
        for pages, expected in ((1, WORDS[DISK_FULL]), (1_000_000, None)):
            async with database.begin() as db:
                await db.execute(text(f"PRAGMA max_page_count={pages}"))
            found = await probe(database)
            assert expected in found.detail if expected else found is None
    assert await probe(database) is None
    async with database.reading() as db:
        assert await db.scalar(text("SELECT count(*) FROM write_probes")) == 0
