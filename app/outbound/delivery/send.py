"""Sends claimed deliveries of one webhook, and settles them in one transaction."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.observability import log
from app.outbound.delivery import outcome, queue, schedule
from app.outbound.delivery.outcome import Outcome
from app.outbound.delivery.queue import Claim
from app.outbound.formats import formats
from app.outbound.formats.message import Message, path
from app.outbound.registry import webhooks
from app.outbound.registry.webhooks import Webhook
from app.outbound.sending import signature
from app.outbound.sending.answer import NotSent
from app.outbound.sending.http import Http

AT_ONCE = 32  # requests to one webhook

Settled = tuple[Claim, Outcome]
Observe = Callable[[str], None]

_NONE = -1  # no status: nothing was delivered

_log = log.get(__name__)


class Send:
    """``await send(webhook, claims)``; errors of the database are raised, and the claims' leases then end."""

    def __init__(
        self, database: Database, http: Http, holder: str, public_url: str, observe: Observe = lambda _: None
    ) -> None:
        self._database = database
        self._http = http
        self._holder = holder
        self._public_url = public_url
        self._observe = observe

    async def __call__(self, webhook: Webhook, claims: Sequence[Claim]) -> list[Settled]:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(claim: Claim) -> Settled:
            async with turns:
                return claim, await self._attempt(webhook, claim)

        settled = await asyncio.gather(*(one(claim) for claim in claims))
        await self._settle(webhook, settled)
        return settled

    async def _attempt(self, webhook: Webhook, claim: Claim) -> Outcome:
        body = self._body(webhook, claim)
        headers = signature.headers(claim.event_id, int(time.time()), body, webhook.secrets) if webhook.secrets else {}
        try:
            answer = await self._http.post(webhook.url, headers, body)
        except NotSent as error:
            return Outcome(None, str(error))
        return outcome.of(answer, datetime.now(UTC))

    def _body(self, webhook: Webhook, claim: Claim) -> bytes:
        data = orjson.loads(claim.data)
        href = self._public_url + path(claim.kind, data)
        return formats.BODIES[webhook.format](Message(claim.event_id, claim.kind, claim.created_at, data, href))

    async def _settle(self, webhook: Webhook, settled: Sequence[Settled]) -> None:
        good: dict[int | None, list[int]] = defaultdict(list)
        bad = [each for each in settled if each[1].error is not None]
        for claim, result in settled:
            self._observe("delivered" if result.error is None else "failed")
            if result.error is None:
                good[result.status].append(claim.id)
        async with self._database.begin() as db:
            for status, ids in good.items():
                await queue.delivered(db, self._holder, ids, status)
            for claim, result in bad:
                age = datetime.now(UTC) - claim.begun_at
                pause = schedule.next_attempt(claim.attempts, age, _spread())
                await queue.failed(
                    db, self._holder, webhook.webhook_id, claim, pause, result.status, result.error or ""
                )
            since = await self._settle_webhook(db, webhook, next(iter(good), _NONE), [result for _, result in bad])
        await self._disable_if_over(webhook, [result for _, result in bad], since)

    async def _settle_webhook(
        self, db: AsyncConnection, webhook: Webhook, good: int | None, bad: Sequence[Outcome]
    ) -> datetime | None:
        """Returns since when every delivery fails; None if one succeeded."""
        wait = max((result.retry_after for result in bad if result.retry_after), default=None)
        if good != _NONE:
            await queue.works(db, webhook.webhook_id, good)
            if wait:
                await queue.pause_for(db, webhook.webhook_id, schedule.pause(1, wait, _spread()))
            return None
        pause = schedule.pause(webhook.failures + 1, wait, _spread())
        return await queue.fails(db, webhook.webhook_id, pause, bad[0].status, bad[0].error or "")

    async def _disable_if_over(self, webhook: Webhook, bad: Sequence[Outcome], since: datetime | None) -> None:
        """In a transaction of its own, because it locks the table."""
        gone = next((result.error for result in bad if result.gone), None)
        if gone is None and (since is None or datetime.now(UTC) - since < schedule.LIFE):
            return
        reason = gone or f"no delivery has succeeded for {schedule.LIFE.days} days: {bad[0].error}"
        async with self._database.begin() as db:
            await webhooks.disable(db, webhook.webhook_id, reason)
        _log.error("webhook_disabled", webhook_id=webhook.webhook_id, reason=reason)


def _spread() -> float:
    return random.random()  # noqa: S311 -- spreads load, protects no secret
