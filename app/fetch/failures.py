"""Settles a claim whose fetch failed: `retry` decides the state of its row, and the log gives the reason."""

import random
import traceback
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.store import record_store
from app.db import Database
from app.db.outage.causes import in_words
from app.fetch import retry
from app.fetch.pace import Pace
from app.fetch.refusals import Refusals, Verdict, is_forbidden
from app.graph.errors import GraphError, LoginFailed, NotFound
from app.ids import TenantId
from app.inbox import model, queue, refusals, tenant_state
from app.inbox.queue import Claim
from app.observability import log
from app.observability.rare_log import RareLog
from app.outbox import writing
from app.outbox.event import INBOX_FAILED, call_event

LOGIN_PAUSE = 10.0  # seconds without requests for a tenant whose login failed

SaveAgain = Callable[[Claim, Callable[[], Awaitable[None]]], Awaitable[None]]
"""Does a transaction for a claim, again while the database is unavailable and the lease lasts."""

_log = log.get(__name__)


class Failures:
    """Settles failed claims of one worker."""

    def __init__(
        self,
        database: Database,
        worker: str,
        paces: Mapping[TenantId, Pace],
        save_again: SaveAgain,
        known: Refusals,
    ) -> None:
        self._database = database
        self._worker = worker
        self._paces = paces
        self._save_again = save_again
        self._refusals = known
        self._not_stored = RareLog(lambda error, times: _log.error("retry_not_stored", error=error, times=times))

    async def settle(self, claim: Claim, error: Exception) -> str:
        """Update the row as `retry` decides, and return the outcome."""
        if isinstance(error, LoginFailed):
            self._paces[claim.tenant_id].pause(LOGIN_PAUSE)
        now = datetime.now(UTC)
        spread = random.random()  # noqa: S311 -- spreads load, protects no secret
        verdict = await self._verdict(claim) if is_forbidden(error) else Verdict.RECORD
        decision = _decision(verdict, claim, error, now, spread)
        outcome = type(decision).__name__.lower()

        async def store() -> None:
            nonlocal outcome
            async with self._database.begin() as db:
                if isinstance(decision, retry.Expired) and await _is_stored_incomplete(db, claim):
                    outcome = "stored_incomplete"
                    await queue.finish(db, self._worker, [claim])
                else:
                    if is_forbidden(error):
                        await queue.note_refusal(db, self._worker, claim)
                    await self._put_back(db, claim, decision, error)
                # Always after the inbox: in another order two transactions could wait for each other.
                await self._share_throttling(db, claim.tenant_id)
                if verdict is Verdict.TENANT:
                    await refusals.wait(db, claim.tenant_id, retry.explain(error))

        try:
            await self._save_again(claim, store)
        except (SQLAlchemyError, OSError) as trouble:  # the lease expires automatically
            self._not_stored.note(in_words(trouble))
        _log_failure(claim, error, outcome)
        return outcome

    async def _verdict(self, claim: Claim) -> Verdict:
        try:
            async with self._database.reading() as db:
                stored_since = await queue.stored_since_refusal(db, claim)
        except (SQLAlchemyError, OSError) as trouble:
            self._not_stored.note(in_words(trouble))
            return Verdict.UNKNOWN
        return await self._refusals.verdict(claim, stored_since=stored_since)

    async def _share_throttling(self, db: AsyncConnection, tenant_id: TenantId) -> None:
        """Store until when Graph throttles this tenant, for the other workers."""
        if (seconds := self._paces[tenant_id].throttled_for) > 0:
            await tenant_state.throttle_for(db, tenant_id, timedelta(seconds=seconds))

    async def _put_back(self, db: AsyncConnection, claim: Claim, decision: retry.Decision, error: Exception) -> None:
        kind = retry.kind(error)
        match decision:
            case retry.Again(pause):
                await queue.retry(db, self._worker, claim, pause, retry.explain(error), kind)
            case retry.Failed(reason):
                if await queue.give_up(db, self._worker, claim, model.FAILED, reason, kind):
                    event = call_event(INBOX_FAILED, claim.tenant_id, claim.call_id, error_kind=kind)
                    await writing.write(db, [event], datetime.now(UTC))
            case retry.Expired(reason):
                await queue.give_up(db, self._worker, claim, model.EXPIRED, reason, kind)


def _decision(verdict: Verdict, claim: Claim, error: Exception, now: datetime, spread: float) -> retry.Decision:
    if verdict is Verdict.TENANT:
        return retry.while_refused(error, claim.deadline, now)
    if verdict is Verdict.UNKNOWN:
        return retry.after_trouble(error, claim.attempts, claim.deadline, now, spread)
    return retry.after(error, claim.attempts, claim.deadline, now, spread)


async def _is_stored_incomplete(db: AsyncConnection, claim: Claim) -> bool:
    """Whether an incomplete record is in the archive: then it is no loss that Graph deleted it."""
    stored = (await record_store.stored_versions(db, claim.tenant_id, [claim.call_id])).get(claim.call_id)
    return stored is not None and not stored.complete


def _log_failure(claim: Claim, error: Exception, outcome: str) -> None:
    _log.log(
        _level(error, outcome),
        "fetch_failed",
        tenant_id=claim.tenant_id,
        call_id=claim.call_id,
        attempts=claim.attempts,
        outcome=outcome,
        error=retry.explain(error),
        request_id=getattr(error, "request_id", None),
        client_request_id=getattr(error, "client_request_id", None),
        where=None if isinstance(error, GraphError) else _where(error),
    )


def _level(error: Exception, outcome: str) -> int:
    if isinstance(error, NotFound) and outcome in {"again", "stored_incomplete"}:
        return 20  # usual: a record is often announced before it can be read
    return 30 if isinstance(error, GraphError) and outcome == "again" else 40


def _where(error: Exception) -> str:
    """The lines of a traceback without its values, which may contain personal data."""
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__)))
