"""Works on one request to erase a person, in small transactions. It can stop at any moment and be continued.

1. Nothing of the person is saved from now on, and the index of people does not have them any more.
2. The calls of the person, which the index names, are rewritten.
3. Every document of all versions is searched, because a person can be in it where no column is.

A new id, address or name that a document shows is stored before that document is rewritten, so that none is missed.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from app.archive.daily import count_job
from app.archive.erasure import erase_log_rows
from app.archive.erasure.digests import NONE_ERASED
from app.archive.erasure.requests import calls, elsewhere, hidden_people, knowledge, search, table
from app.archive.erasure.requests.elsewhere import NO_TABLES, Tables
from app.archive.erasure.requests.table import BEGINNING, Request
from app.archive.erasure.traces import Traces
from app.archive.store import people_index
from app.db import Database
from app.observability import log

CALLS, MOST = 8, 32  # saved in the first transaction, and in any later one
LENGTH = 0.05  # seconds that a transaction should take: on SQLite others wait for it
LOCKED = 0.1  # seconds until a call is tried again that another transaction has changed or locked
NOTED_EVERY = 1.0  # seconds of a search: one that breaks off repeats so much

Progress = Callable[[str, int, int], None]
"""what is being done, how much of it, of how much"""

_log = log.get(__name__)


class Run:
    """For the process that has the lease. It rests ``rest`` times as long as each step took."""

    def __init__(
        self,
        database: Database,
        key: int,
        *,
        rest: float = 0.0,
        progress: Progress = lambda *_: None,
        elsewhere: Tables = NO_TABLES,
    ) -> None:
        self._database = database
        self._key = key
        self._rest = rest
        self._progress = progress
        self._others = elsewhere
        self._erased = NONE_ERASED
        self._known = Traces()
        self._most = CALLS
        self._clock = asyncio.get_running_loop().time

    async def finish(self) -> Request:
        """The request when all of it is done."""
        while (request := await self._read()).finished_at is None:
            await self._learn(request, Traces())
            await self._elsewhere(request)
            await self._own_calls(request)
            await self._log_rows(request)
            await self._search(request)
            await self._learn(request, Traces())  # other work on the same calls may have put the person back
            await self._own_calls(request)
            await self._log_rows(request)  # what the search showed may be in them
            await people_index.remove_idle(self._database)  # an earlier version of a call may have had the person
            # The person's devices and networks are values there.
            await count_job.settle(self._database, holder=f"erase-{uuid4().hex}")
            await self._elsewhere(request)
            await knowledge.forget(self._database, self._key, self._known)
        _log.info("erasure_finished", calls=request.changed_calls, unreadable=request.unreadable_calls)
        return request

    async def _read(self) -> Request:
        async with self._database.reading() as db:
            return await table.read(db, self._key)

    async def _learn(self, request: Request, found: Traces) -> None:
        learned = await knowledge.learn(self._database, request.key, found)
        self._erased, self._known = learned.erased, learned.known

    async def _elsewhere(self, request: Request) -> None:
        rows = await elsewhere.erase(self._database, self._erased, request.person, self._known, self._others)
        async with self._database.begin() as db:
            await table.add(db, self._key, datetime.now(UTC), rows)

    async def _own_calls(self, request: Request) -> None:
        """Of a call that is rewritten nothing is left in the index: what is counted there is still to be done."""
        async for keys in hidden_people.calls(self._database, hidden_people.pseudonym(self._erased, request.person)):
            await self._rewrite(request, keys, own=True)

    async def _log_rows(self, request: Request) -> None:
        """Of the PSTN and Direct Routing logs."""
        while True:
            found = await erase_log_rows.search(self._database, self._erased, self._known)
            if found.traces <= self._known:
                break
            await self._learn(request, found.traces)
        rows = await erase_log_rows.rewrite(
            self._database, sorted(found.keys), self._erased, request.person, self._known, dry_run=False
        )
        async with self._database.begin() as db:
            await table.add(db, self._key, datetime.now(UTC), rows)

    async def _search(self, request: Request) -> None:
        """Once, and again from the beginning where it showed by what else the person is known."""
        async with self._database.begin() as db:
            await table.change(db, self._key, datetime.now(UTC), documents=await search.count(db))
        while True:
            now = await self._read()
            await self._search_from(request, (now.call_key, now.version))
            if not (await self._read()).again:
                return
            async with self._database.begin() as db:
                place = dict(zip(("call_key", "version"), BEGINNING, strict=True))
                await table.change(db, self._key, datetime.now(UTC), again=False, documents_done=0, **place)

    async def _search_from(self, request: Request, place: search.Place) -> None:
        noted, documents, unreadable, begun = self._clock(), 0, 0, self._clock()
        end = place
        async for found in search.search(self._database, self._known_now, place):
            end, documents, unreadable = found.end, documents + found.documents, unreadable + len(found.unreadable)
            if found.calls:
                await self._rewrite(request, found.calls, own=False)
            if found.calls or self._clock() - noted > NOTED_EVERY:
                await self._note(end, documents, unreadable)
                noted, documents, unreadable = self._clock(), 0, 0
            await asyncio.sleep(self._rest * (self._clock() - begun))
            begun = self._clock()
        await self._note(end, documents, unreadable)

    def _known_now(self) -> Traces:
        return self._known

    async def _note(self, end: search.Place, documents: int, unreadable: int) -> None:
        async with self._database.begin() as db:
            now = datetime.now(UTC)
            await table.add(db, self._key, now, documents_done=documents, unreadable_calls=unreadable)
            await table.change(db, self._key, now, call_key=end[0], version=end[1])
            request = await table.read(db, self._key)
        self._progress("searching", request.documents_done, max(request.documents, request.documents_done))

    async def _rewrite(self, request: Request, keys: Sequence[int], *, own: bool) -> None:
        while keys:
            begun = self._clock()
            async with self._database.reading() as db:
                some = await calls.first(db, keys, self._most)
            done = await self._rewrite_some(request, some, own=own)
            keys = [key for key in keys if key not in done]
            await asyncio.sleep(self._rest * (self._clock() - begun) if done else LOCKED)

    async def _rewrite_some(self, request: Request, keys: Sequence[int], *, own: bool) -> set[int]:
        """The keys of the calls that are done with; of the others a newer state is to be read."""
        stored = await calls.read(self._database, keys)
        opened, unreadable = await asyncio.to_thread(calls.opened, stored)
        while not (found := await asyncio.to_thread(calls.traces, opened, self._erased)) <= self._known:
            await self._learn(request, found)
        ready = await asyncio.to_thread(calls.rewritten, opened, self._erased, request.person, self._known)
        begun = self._clock()
        async with self._database.begin() as db:
            done = await calls.save(db, ready)
            changed = [call for call in ready if call.new and call.call["key"] in done]
            rows = sum((call.counts for call in changed), Counter[str]())
            numbers = {"own_calls_done": len(done) + len(unreadable)} if own else {}
            await table.add(db, self._key, datetime.now(UTC), rows, changed_calls=len(changed), **numbers)
            now = await table.read(db, self._key)
        self._most = next_size(len(keys), self._clock() - begun)
        if own:
            self._progress("rewriting", now.own_calls_done, max(now.own_calls, now.own_calls_done))
        return done | set(unreadable) | (set(keys) - {call.call["key"] for call in stored})


def next_size(calls: int, seconds: float) -> int:
    """How many calls the next transaction saves, at most twice as many as the last one did. Pure."""
    return max(1, min(MOST, 2 * calls, int(calls * LENGTH / max(seconds, 0.001))))
