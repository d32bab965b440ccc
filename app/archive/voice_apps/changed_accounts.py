"""Marks the archived calls of resource accounts that a file changed, so that their outcomes are judged again.

It can stop at any moment, and any process can continue: an account is finished when all of its calls are marked.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.schema.outcome_tables import voice_apps
from app.archive.schema.tables import call_people, people
from app.archive.voice_apps import judging_again
from app.archive.voice_apps.store import REMOVED
from app.db import Database, lease
from app.observability import log

LEASE = "voice_apps"
EVERY = timedelta(minutes=1)
LATE = timedelta(minutes=2)  # a call that is being saved may still be judged with the accounts of before
CALLS = 500  # marked in one transaction

_log = log.get(__name__)

a, p, i = voice_apps.c, people.c, call_people.c

Account = tuple[str, str]
"""Tenant and object id."""


class ChangedAccounts:
    """Marks the calls of all accounts that changed some minutes ago."""

    def __init__(
        self,
        database: Database,
        *,
        holder: str,
        every: timedelta = EVERY,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._holder = holder
        self._clock = clock
        self.every = every
        self.rest = 0.0

    async def once(self) -> int:
        """How many calls were marked; none where nothing changed, or where another process does it."""
        if not await self._changed():
            return 0
        async with lease.hold(self._database, LEASE, self._holder) as is_ours:
            accounts = await self._changed() if is_ours else []
            calls = sum([await self._mark(account) for account in accounts])
        if calls:
            _log.info("voice_apps_changed", calls=calls)
        return calls

    def on_error(self, error: str, times: int) -> None:
        _log.error("voice_apps_failed", error=error, times=times)

    async def _changed(self) -> Sequence[Account]:
        due = a.applied_at.is_(None) & (a.changed_at <= self._clock() - LATE)
        async with self._database.reading() as db:
            found = await db.execute(select(a.tenant_id, a.object_id).where(due))
            return [(tenant_id, object_id) for tenant_id, object_id in found]

    async def _mark(self, account: Account) -> int:
        calls, last = 0, 0
        while keys := await self._keys(account, last):
            async with self._database.begin() as db:
                await judging_again.mark(db, keys)
            calls, last = calls + len(keys), keys[-1]
        async with self._database.begin() as db:
            await _finish(db, account, self._clock())
        return calls

    async def _keys(self, account: Account, after: int) -> Sequence[int]:
        """Some calls that the account was in, by key."""
        tenant_id, object_id = account
        of_account = select(p.key).where(p.tenant_id == tenant_id, p.person_id == object_id)
        wanted = select(i.call_key).where(i.person_key.in_(of_account), i.call_key > after).distinct()
        async with self._database.reading() as db:
            return (await db.scalars(wanted.order_by(i.call_key).limit(CALLS))).all()


async def _finish(db: AsyncConnection, account: Account, now: datetime) -> None:
    mine = (a.tenant_id == account[0]) & (a.object_id == account[1]) & (a.changed_at <= now - LATE)
    await db.execute(delete(voice_apps).where(mine, a.kind == REMOVED))
    await db.execute(update(voice_apps).where(mine).values(applied_at=now))
