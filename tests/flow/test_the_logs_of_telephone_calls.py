"""The PSTN and Direct Routing logs of the simulated Graph are copied by the real client, and joined with calls."""

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from sqlalchemy import select

from app.archive.schema.call_log_tables import call_log_row_versions, call_log_rows
from app.archive.schema.call_log_types import KINDS
from app.archive.schema.tables import call_records
from app.db import Database
from app.observability.metrics import Metrics
from app.runtime import opening, wiring
from app.settings import environment
from app.simulator.call_logs.rows import rows
from app.simulator.call_logs.store import DIRECT_ROUTING, PSTN
from app.simulator.company.log_rows import CompanyLogs
from app.simulator.company.month import Company
from app.telephony.joins.job import JoinLogRows
from app.telephony.sync.synchronise import Synchronise
from tests.archive.records import kept, save
from tests.flow import service
from tests.sample_settings import set_only

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def yesterday():
    return (datetime.now(UTC) - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
async def settings(running, ca_file, database_url, monkeypatch, tmp_path):
    set_only(monkeypatch, tmp_path, service.environment(running, ca_file, database_url))
    return environment.load()


async def sync(settings, database):
    """A pass over both logs, with all days of the last three; then the joins."""
    async with wiring.open_graph(settings, Metrics()) as graph:
        [tenant_id] = settings.azure_tenant_id
        passes = [
            await Synchronise(
                database, graph.clients[tenant_id], tenant_id, kind, holder=opening.holder(), every=timedelta(0)
            ).run(since=yesterday() - timedelta(days=1), insist=True)
            for kind in KINDS
        ]
    await JoinLogRows(database, holder=opening.holder()).once()
    return passes


async def stored(database, table=call_log_rows):
    async with database.reading() as db:
        return (await db.execute(select(table))).all()


async def test_every_row_is_copied_with_late_and_changed_ones_and_joined(subtests, world, settings, database_url):
    async with Database.open(database_url) as database:
        with subtests.test("a log without the permission is no error of the others"):
            world.change_settings({"logs_permitted": False})
            assert [one.is_refused for one in await sync(settings, database)] == [True, True]
            world.change_settings({"logs_permitted": True})
        made = {kind: list(rows(kind, 130, yesterday(), timedelta(days=1))) for kind in KINDS}
        world.change_settings({"log_page": 50})
        for kind, some in made.items():
            world.put_log_rows(kind, some[:-1])
        with subtests.test("pages and every form of a row"):
            assert [one.error for one in await sync(settings, database)] == [None, None]
            assert {row.row_id for row in await stored(database)} == {
                row["id"] for row in chain(*(some[:-1] for some in made.values()))
            }
        with subtests.test("a late row, and a charge that is known later"):
            world.put_log_rows(PSTN, [made[PSTN][0] | {"charge": 1.25}, made[PSTN][-1]])
            assert [one.saved[:2] for one in await sync(settings, database)] == [(1, 1), (0, 0)]
            assert len(await stored(database, call_log_row_versions)) == 1
        with subtests.test("rows of the company's calls find their calls, by id or by number, user and time"):
            now = datetime.now(UTC)
            company = Company(world.tenant_id, now, seed=3)
            logs = CompanyLogs(company.staff, now, world.rng)
            calls = [company.call(now - timedelta(minutes=5 * number), world.rng) for number in range(40)]
            await save(database, *(kept(document, tenant=world.tenant_id) for document in calls))
            expected = {}
            for document in calls:
                if made_row := logs.of_call(document):
                    world.put_log_rows(made_row[0], [made_row[1]])
                    expected[made_row[1]["id"]] = (
                        document["id"],
                        "id" if made_row[0] == DIRECT_ROUTING else "heuristic",
                    )
            await sync(settings, database)
            r, c = call_log_rows.c, call_records.c
            joined = select(r.row_id, c.call_id, r.join_method).join(call_records, c.key == r.call_key)
            async with database.reading() as db:
                found = {row_id: (call_id, method) for row_id, call_id, method in await db.execute(joined)}
            assert {method for _, method in expected.values()} == {"id", "heuristic"}
            assert found == expected
