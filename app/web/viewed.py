"""Audit entries about a person: requests that named the person, and those for the person's calls."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.access.audit_person import SECRET, digest
from app.access.tables import audit
from app.archive.parse.identities import identifiers
from app.archive.parse.identities.person_keys import asked
from app.archive.queries.people_filter import is_person
from app.archive.schema.tables import call_people, call_records, people
from app.db.secrets import shared_secret

p, i, c = people.c, call_people.c, call_records.c


async def of_person(db: AsyncConnection, text: str) -> ColumnElement[bool]:
    """The condition for entries about the person with this complete id, address or number."""
    wanted = asked(text)
    rows = (await db.execute(select(p.key, p.person_id, p.user_principal_name).where(is_person(wanted)))).all()
    if ids := {row.person_id for row in rows if row.person_id}:  # and the addresses that the person had besides
        forms = sorted({form for an_id in ids for form in identifiers.written_forms(an_id)})
        same = select(p.key, p.person_id, p.user_principal_name).where(p.person_id.in_(forms))
        rows = [*rows, *(await db.execute(same)).all()]
    known = {wanted.normal, *(text for row in rows for text in (row.person_id, row.user_principal_name) if text)}
    secret = await shared_secret.find(db, SECRET) or b""
    digests = [digest(secret, one) for one in sorted(known)]
    calls = select(c.call_id).join(call_people, i.call_key == c.key).where(i.person_key.in_([row.key for row in rows]))
    return or_(audit.c.person.in_(digests), audit.c.call_id.in_(calls))
