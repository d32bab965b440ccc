"""Takes a person out of the tables that belong to no call: the audit and the directory."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, func, select, update

from app.access.audit_person import SECRET, digest
from app.access.tables import audit
from app.archive.daily.departments import days
from app.archive.erasure.digests import Erased
from app.archive.erasure.traces import Traces
from app.archive.parse.identities import identifiers
from app.archive.schema.directory_table import directory
from app.db import Database
from app.db.secrets import shared_secret

CHUNK = 500  # rows in one transaction

Tables = Mapping[str, Callable[..., Awaitable[int]]]
"""By name: (db, the person's ids in their normal form, *, dry_run) -> rows; for tables of other folders"""
NO_TABLES: Tables = MappingProxyType({})


async def erase(
    database: Database, erased: Erased, person: str, known: Traces, others: Tables, *, dry_run: bool = False
) -> Counter[str]:
    """How many rows contained the person. They are looked for without a lock, which takes long in a large audit."""
    rows: Counter[str] = Counter()
    pseudonym = erased.pseudonym(person, "", "audit")
    texts = [text for one in known.ids | known.principal_names for text in identifiers.contained(one)]
    forms = sorted({form for text in texts for form in identifiers.written_forms(text)})
    # Readers with a token of Entra ID are recorded by their id, and a requested id is a call's.
    for column in (audit.c.who, audit.c.call_id):
        rows["audit"] += await _replace(database, column, func.lower(column).in_(forms), pseudonym, dry_run=dry_run)
    async with database.reading() as db:
        secret = await shared_secret.find(db, SECRET) or b""
    viewed = audit.c.person.in_([digest(secret, identifiers.normal(text)) for text in texts])
    rows["audit"] += await _replace(database, audit.c.person, viewed, None, dry_run=dry_run)
    rows["directory"] += await _in_the_directory(database, known, dry_run=dry_run)
    ids = {form for text in known.ids for form in identifiers.contained(text)}
    for name, remove in others.items():
        async with database.begin() as db:
            rows[name] += await remove(db, ids, dry_run=dry_run)
    return +rows


async def _replace(
    database: Database, column: Column[Any], theirs: ColumnElement[bool], new: str | None, *, dry_run: bool
) -> int:
    async with database.reading() as db:
        found: Sequence[int] = (await db.execute(select(audit.c.id).where(theirs))).scalars().all()
    for start in range(0, 0 if dry_run else len(found), CHUNK):
        async with database.begin() as db:
            mine = audit.c.id.in_(found[start : start + CHUNK])
            await db.execute(update(audit).where(mine).values({column: new}))
    return len(found)


async def _in_the_directory(database: Database, known: Traces, *, dry_run: bool) -> int:
    """The person's rows are deleted; a later file does not bring them back: see directory.store."""
    names = {identifiers.normal(text) for text in known.ids | known.principal_names} - {""}
    theirs = directory.c.user_principal_name.in_(sorted(names))
    async with database.begin() as db:
        count = await db.scalar(select(func.count()).select_from(directory).where(theirs)) or 0
        if count and not dry_run:
            await db.execute(delete(directory).where(theirs))
            await days.directory_changed(db, datetime.now(UTC))
    return count
