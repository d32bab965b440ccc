"""A database as an older program left it: today's rows, without what that program's tables did not have."""

import shutil
from datetime import UTC, datetime, timedelta

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from app.archive.erasure.digests import erasures
from app.archive.store import record_store
from app.db import Database, lease, metadata, schema_version
from app.inbox import queue, tenant_state
from app.inbox.model import inbox
from app.inbox.queue import Notice
from app.subscriptions import model
from tests.archive.records import TENANT, a_call_record, a_participant, kept
from tests.archive.retention.archived_calls import everywhere

REVISIONS = [script.revision for script in ScriptDirectory(str(schema_version.MIGRATIONS)).walk_revisions()][::-1]
NEWEST = REVISIONS[-1]

JOHNS = "00000000-0000-4000-8000-0000000000e1"  # the call that he is everywhere in
OTHERS = "00000000-0000-4000-8000-0000000000e2"
WAITING = {"due": "00000000-0000-4000-8000-0000000000e3", "failed": "00000000-0000-4000-8000-0000000000e4"}
WAITING |= {"expired": "00000000-0000-4000-8000-0000000000e5", "claimed": "00000000-0000-4000-8000-0000000000e6"}


async def migrate_to(database, revision):
    async with database.begin() as db:
        await db.run_sync(lambda connection: command.upgrade(schema_version.config(connection), revision))


async def columns(database):
    """What there is: the names of the columns by table."""

    def _columns(connection):
        seen = inspect(connection)
        return {table: [column["name"] for column in seen.get_columns(table)] for table in seen.get_table_names()}

    async with database.reading() as db:
        return await db.run_sync(_columns)


class Old:
    """``await old.at("0001")`` makes the database and fills it."""

    def __init__(self, database, template, newest):
        self.database = database
        self._template, self._newest = template, newest
        self._todays: dict[str, dict] = {}  # by tenant

    async def at(self, revision, tenant_id=TENANT):
        await migrate_to(self.database, revision)
        await self._fill(await columns(self.database), tenant_id)

    async def fill_as(self, revision, tenant_id=TENANT):
        """As a program of that revision does in a database that is newer."""
        elder = Database.open(f"sqlite:///{self._newest}.elder")  # goes up with each call
        await migrate_to(elder, revision)
        known = await columns(elder)
        await elder.close()
        await self._fill(known, tenant_id)

    async def _fill(self, known, tenant_id):
        for table, rows in (await self._rows(tenant_id)).items():
            if rows and table.name in known:
                own = [{name: row[name] for name in known[table.name]} for row in rows]
                async with self.database.begin() as db:
                    await db.execute(table.insert(), own)
                    await _number_on(db, table)

    async def _rows(self, tenant_id):
        """Of each table the rows that today's program writes."""
        if tenant_id not in self._todays:
            self._todays[tenant_id] = await self._written(tenant_id)
        return self._todays[tenant_id]

    async def _written(self, tenant_id):
        shutil.copy(self._template, self._newest)
        database = Database.open(f"sqlite:///{self._newest}")
        await fill(database, tenant_id)
        async with database.reading() as db:
            rows = {table: (await db.execute(select(table))).mappings().all() for table in metadata.sorted_tables}
        await database.close()
        return {table: found for table, found in rows.items() if table is not erasures}


async def _number_on(db, table):
    """Rows with their numbers given leave PostgreSQL's own counting where it was."""
    if db.dialect.name == "postgresql" and (column := table.autoincrement_column) is not None:
        sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
        await db.execute(text(f"SELECT setval({sequence}, max({column.name})) FROM {table.name}"))


async def fill(database, tenant_id):
    """Calls with rows in every table, one of them in two versions, and an inbox row in each state."""
    now = datetime.now(UTC)
    some = [a_participant(administrativeUnitInfos=[{"id": "unit-1"}]), a_participant()]
    records = [everywhere(id=JOHNS), everywhere(id=JOHNS, version=2), a_call_record(id=OTHERS, participants_v2=some)]
    for record in records:
        async with database.begin() as db:
            await record_store.save(db, [kept(record, tenant=tenant_id)])
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [tenant_id])
        await tenant_state.mark(db, tenant_id, reconciled_at=now - timedelta(hours=1), kept_at=now, kept_total=2)
        await queue.put(db, [Notice(tenant_id, call_id) for call_id in WAITING.values()], now - timedelta(minutes=5))
        for state in ("failed", "expired"):
            waiting = inbox.update().where(inbox.c.call_id == WAITING[state])
            await db.execute(waiting.values(state=state, last_error="Graph said no", attempts=3))
        claimed = inbox.update().where(inbox.c.call_id == WAITING["claimed"])
        await db.execute(claimed.values(claimed_by="worker-old", due_at=now - timedelta(minutes=1), attempts=1))
        ours, _ = await model.insert(db, tenant_id, "https://we.example/n", "https://we.example/l", now)
        await model.update_row(db, ours, subscription_id="sub-1", expires_at=now + timedelta(days=2))
        await model.store_events(db, [(tenant_id, "sub-1", "missed")], now)
    await lease.take(database, "reconcile", "process-old", timedelta(seconds=1))
