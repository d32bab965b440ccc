"""What a fetch came to, committed: many records in one transaction, each with the end of its inbox row."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app import tenants
from app.archive import store
from app.archive.record import KeptRecord
from app.db import Database, blames_a_row
from app.fetch import retry
from app.group import Group
from app.inbox import queue
from app.inbox.queue import Claim


@dataclass(frozen=True, slots=True)
class Kept:
    """A record, and the claim under which it was fetched."""

    claim: Claim
    record: KeptRecord


class Saver:
    """Stores records and finishes their rows, both or neither."""

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._worker = worker

    def group(self) -> Group[Kept]:
        """Records of several fetches in one commit; a record the database refuses fails alone."""
        return Group(self.save, most=32, alone=lambda error: isinstance(error, DBAPIError) and blames_a_row(error))

    async def save(self, batch: Sequence[Kept]) -> None:
        now = datetime.now(UTC)
        async with self._database.begin() as db:
            stored = await store.save(db, [kept.record for kept in batch])
            await self._finish(db, batch, now)
            await tenants.kept(db, Counter(tenant for tenant, _ in stored), now)

    async def _finish(self, db: AsyncConnection, batch: Sequence[Kept], now: datetime) -> None:
        done: list[Claim] = []
        for kept in batch:
            later = None if kept.record.complete else self._look_again(kept, now)
            if later is None:
                done.append(kept.claim)
            else:
                why = kept.record.incomplete_reason or "the record has no sessions yet"
                await queue.again(db, self._worker, kept.claim, later.when, f"stored incomplete: {why}")
        if done:
            await queue.finish(db, self._worker, done)

    @staticmethod
    def _look_again(kept: Kept, now: datetime) -> retry.Again | None:
        spread = random.random()  # noqa: S311 -- spreads load, keeps no secret
        return retry.look_again(kept.claim.attempts, kept.claim.deadline, now, spread)
