"""What erasing a person would change: the same search and the same rewriting, without a transaction that writes."""

import asyncio
import os
from collections import Counter
from collections.abc import Sequence

from app.archive.erasure import digests, erase_log_rows
from app.archive.erasure.digests import Erased, Known
from app.archive.erasure.requests import calls, elsewhere, search
from app.archive.erasure.requests.elsewhere import Tables
from app.archive.erasure.requests.run import MOST, Progress
from app.archive.erasure.traces import Traces
from app.db import Database


async def counted(
    database: Database, user_id: str, person: str, progress: Progress, others: Tables
) -> tuple[int, Counter[str]]:
    """How many calls, and how many rows by table."""
    known = Traces({user_id})
    while True:
        erased = await _with(database, person, known)
        keys = await _mentioning(database, known, progress)
        in_logs = await erase_log_rows.search(database, erased, known)
        found = known | await _traces(database, keys, erased) | in_logs.traces
        if found == known:
            break
        known = found
    count = 0
    rows = await erase_log_rows.rewrite(database, sorted(in_logs.keys), erased, person, known, dry_run=True)
    for start in range(0, len(keys), MOST):
        opened, _ = calls.opened(await calls.read(database, keys[start : start + MOST]))
        ready = await asyncio.to_thread(calls.rewritten, opened, erased, person, known)
        count += sum(bool(call.new) for call in ready)
        rows += sum((call.counts for call in ready), Counter[str]())
        progress("rewriting", min(start + MOST, len(keys)), len(keys))
    return count, rows + await elsewhere.erase(database, erased, person, known, others, dry_run=True)


async def _with(database: Database, person: str, known: Traces) -> Erased:
    """All who are erased, and this person."""
    async with database.reading() as db:
        stored = await digests.read(db)
    texts = Known(known.ids, known.principal_names, known.names)
    return (stored or Erased(os.urandom(32))).also(person, texts)


async def _mentioning(database: Database, known: Traces, progress: Progress) -> list[int]:
    async with database.reading() as db:
        total = await search.count(db)
    keys: list[int] = []
    seen = 0
    async for found in search.search(database, lambda: known):
        keys += found.calls
        seen += found.documents
        progress("searching", seen, total)
    return sorted(set(keys))


async def _traces(database: Database, keys: Sequence[int], erased: Erased) -> Traces:
    found = Traces()
    for start in range(0, len(keys), MOST):
        opened, _ = await asyncio.to_thread(calls.opened, await calls.read(database, keys[start : start + MOST]))
        found |= await asyncio.to_thread(calls.traces, opened, erased)
    return found
