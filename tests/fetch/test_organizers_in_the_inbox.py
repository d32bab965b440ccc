"""A sweep fills the time and the organizer of calls in the inbox; an erased person is in no row, before and after."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from app.archive.erasure.erase_person import erase
from app.fetch.reconciliation.backfill import backfill
from app.graph.parts import Listed, Organizer
from app.inbox import organizers, queue, rows
from app.inbox.queue import Notice

pytestmark = pytest.mark.anyio

TENANT = "00000000-0000-4000-8000-00000000aaaa"
HER, HIM = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
NOTIFIED, LISTED = (str(UUID(int=number)) for number in (1, 2))


class OneList:
    def __init__(self, *entries):
        self.entries = entries

    async def call_records(self, since, until=None):
        start = self.entries[0].start
        in_it = since <= start and (until is None or until > start)
        yield [*self.entries] if in_it else []


@pytest.fixture
def start():
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)


@pytest.fixture
def graph_list(start):
    return OneList(
        Listed(NOTIFIED, 1, start, None, Organizer(f"8:orgid:{HER.upper()}", "Ada Example")),
        Listed(LISTED, 1, start, None, Organizer(HIM, "Bob Example", "bob@example.com")),
    )


async def in_the_inbox(database):
    async with database.reading() as db:
        return {
            row.call_id: (row.state, row.call_start, row.organizer_id, row.organizer_name)
            for row in await rows.rows(db)
        }


async def test_the_list_fills_time_and_organizer_of_new_and_of_notified_rows_and_changes_no_state(
    database, start, graph_list
):
    async with database.begin() as db:
        await queue.put(db, [Notice(TENANT, NOTIFIED)], datetime.now(UTC))
        [claim] = await queue.claim(db, "w", [TENANT], 1, timedelta(minutes=2))
        await queue.give_up(db, "w", claim, "failed", "Refused: no")
    assert await in_the_inbox(database) == {NOTIFIED: ("failed", None, None, None)}
    for _ in range(2):
        await backfill(database, graph_list, TENANT, start - timedelta(hours=1))
        assert await in_the_inbox(database) == {
            NOTIFIED: ("failed", start, HER, "Ada Example"),
            LISTED: ("due", start, HIM, "Bob Example"),
        }
    async with database.begin() as db:  # a notification has neither, and removes neither
        await queue.put(db, [Notice(TENANT, NOTIFIED)], datetime.now(UTC))
    assert (await in_the_inbox(database))[NOTIFIED] == ("due", start, HER, "Ada Example")


async def test_an_erased_organizer_leaves_the_inbox_and_is_not_filled_in_again(database, start, graph_list):
    since = start - timedelta(hours=1)
    await backfill(database, graph_list, TENANT, since)
    her = {NOTIFIED: ("due", start, HER, "Ada Example"), LISTED: ("due", start, HIM, "Bob Example")}
    erase_her = partial(erase, database, HER, elsewhere={"inbox": organizers.remove})
    assert (await erase_her(dry_run=True)).rows["inbox"] == 1
    assert await in_the_inbox(database) == her
    assert (await erase_her()).rows["inbox"] == 1
    without = her | {NOTIFIED: ("due", start, None, None)}
    assert await in_the_inbox(database) == without
    await erase(database, "bob@example.com")
    await backfill(database, graph_list, TENANT, since)
    assert await in_the_inbox(database) == without
    async with database.begin() as db:
        await db.execute(queue.inbox.delete())
    await backfill(database, graph_list, TENANT, since - timedelta(hours=1))
    assert set((await in_the_inbox(database)).values()) == {("due", start, None, None)}


async def test_retention_removes_organizers_and_leaves_rows(database, start, graph_list):
    await backfill(database, graph_list, TENANT, start - timedelta(hours=1))
    assert await organizers.RemoveOrganizers(database, None).once() == 0
    assert await organizers.RemoveOrganizers(database, timedelta(days=1)).once() == 0
    assert await organizers.RemoveOrganizers(database, timedelta(hours=1)).once() == 2
    assert set((await in_the_inbox(database)).values()) == {("due", start, None, None)}
