"""Takes an erased person out of the audit and out of the imported directory."""

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import delete, func, select, update

from app.access.audit_person import SECRET, digest
from app.access.tables import audit
from app.archive.daily.departments import days
from app.archive.erasure.digests import Erased
from app.archive.erasure.traces import Traces
from app.archive.parse.identities import identifiers
from app.archive.schema.directory_table import directory
from app.db import Database
from app.db.secrets import shared_secret


async def in_the_audit(
    database: Database, erased: Erased, user_id: str, traces: Traces, *, dry_run: bool
) -> Counter[str]:
    """Readers with a token of Entra ID are recorded by their id, and a requested id is a call's."""
    person = erased.person(user_id, None) or ""
    texts = [text for known in traces.ids | traces.principal_names for text in identifiers.contained(known)]
    forms = sorted({form for text in texts for form in identifiers.written_forms(text)})
    pseudonym = erased.pseudonym(person, "", "audit")
    count = 0
    async with database.begin() as db:
        for column in (audit.c.who, audit.c.call_id):
            theirs = func.lower(column).in_(forms)
            count += await db.scalar(select(func.count()).select_from(audit).where(theirs)) or 0
            if not dry_run:
                await db.execute(update(audit).where(theirs).values({column: pseudonym}))
        secret = await shared_secret.find(db, SECRET) or b""
        viewed = audit.c.person.in_([digest(secret, identifiers.normal(text)) for text in texts])
        count += await db.scalar(select(func.count()).select_from(audit).where(viewed)) or 0
        if not dry_run:
            await db.execute(update(audit).where(viewed).values(person=None))
    return Counter(audit=count) if count else Counter()


async def in_the_directory(database: Database, user_id: str, traces: Traces, *, dry_run: bool) -> Counter[str]:
    """The person's rows are deleted; a later file does not bring them back: see directory.store."""
    names = {identifiers.normal(text) for text in (user_id, *traces.principal_names)} - {""}
    theirs = directory.c.user_principal_name.in_(sorted(names))
    async with database.begin() as db:
        count = await db.scalar(select(func.count()).select_from(directory).where(theirs)) or 0
        if count and not dry_run:
            await db.execute(delete(directory).where(theirs))
            await days.directory_changed(db, datetime.now(UTC))
    return Counter(directory=count) if count else Counter()
