"""Takes a person out of one call: the documents of all its versions, and the rows of the current one."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from app.archive.detail import erased_kinds
from app.archive.detail.erased_kinds import NO_KINDS, Kinds
from app.archive.erasure import stored_versions
from app.archive.erasure.digests import Erased
from app.archive.erasure.erase_record import changed, from_document, rebuilt, rewritten
from app.archive.erasure.judge import Judge
from app.archive.erasure.stored_versions import Call, Versions
from app.archive.erasure.traces import Traces
from app.archive.outcomes.stored import with_outcome
from app.archive.parse.record import ParsedRecord
from app.archive.store import people_index, record_store
from app.db import Database


async def rewrite(
    database: Database, key: int, erased: Erased, user_id: str, traces: Traces, *, dry_run: bool
) -> Counter[str]:
    """How many rows of each table contained the person. Its own transaction; slow work is done before it begins."""
    while True:
        async with database.reading() as db:
            call, versions = await stored_versions.read(db, key)
            kinds = (await erased_kinds.of_calls(db, [key])).get(key, NO_KINDS)
        if call is None:
            return Counter()
        known = {_pseudonym(erased, user_id, call): traces}
        new = await asyncio.to_thread(_rewritten, call, versions, erased, known)
        counts, record = await asyncio.to_thread(_compared, call, versions, new, kinds)
        if dry_run or not new or await _save(database, call, versions, new, record):
            return counts


def _pseudonym(erased: Erased, user_id: str, call: Call) -> str:
    person = erased.person(user_id, None)
    assert person is not None
    return erased.pseudonym(person, call["tenant_id"], call["call_id"])


def _rewritten(call: Call, versions: Versions, erased: Erased, known: dict[str, Traces]) -> Versions:
    its_judge = Judge(erased, call["tenant_id"], call["call_id"])
    new = {version: rewritten(document, its_judge, known) for version, document in versions.items()}
    return {version: document for version, document in new.items() if document is not None}


def _compared(call: Call, versions: Versions, new: Versions, kinds: Kinds) -> tuple[Counter[str], ParsedRecord | None]:
    """What changes, and the record that becomes current, if that is another one."""
    counts = Counter({"documents": len(new)} if new else {})
    version = call["version"]
    if version not in new:
        return counts, None
    old = from_document(call, versions[version])
    record = rebuilt(old, new[version], stored_kinds=kinds)  # those of people who were erased before
    counts.update(changed(with_outcome(old), with_outcome(record)))  # saving judges the record again
    return counts, record


async def _save(database: Database, call: Call, versions: Versions, new: Versions, record: ParsedRecord | None) -> bool:
    """False where the call was saved meanwhile: what was rewritten is old then."""
    async with database.begin() as db:
        now, documents_now = await stored_versions.read(db, call["key"], lock=True)
        if now != call or documents_now != versions:
            return False
        await stored_versions.write(db, call["key"], new)
        if record:
            record.stored_at = record.row["stored_at"] = datetime.now(UTC)  # the next export writes it again
            await people_index.remove(db, [call["key"]])  # with the people whom no other call has
            await record_store.save(db, [record])
    return True
