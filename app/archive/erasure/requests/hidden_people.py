"""Hides a person in the index of people at once: no search, list of people or filter finds them from then on.

The index then has a pseudonym, the same for all of the person's calls, until each call is rewritten with its own.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.erasure.digests import Erased
from app.archive.erasure.traces import Traces
from app.archive.parse.identities import identifiers
from app.archive.schema.tables import call_people, people
from app.db import Database

SOME = 500  # calls read at once

p, i = people.c, call_people.c


def pseudonym(erased: Erased, person: str) -> str:
    return erased.pseudonym(person, "", "index")


async def hide(db: AsyncConnection, erased: Erased, person: str, known: Traces) -> set[str]:
    """Put the pseudonym into the person's rows; the ids that they had."""
    who, ids = pseudonym(erased, person), set()
    for row in (await db.execute(select(people).where(_may_be(known)).order_by(p.key).with_for_update())).all():
        an_id, address = row.identity_id or row.person_id, row.identity_user_principal_name or row.user_principal_name
        if row.person_id != who and erased.person(an_id or None, address or None) == person:
            ids.add(an_id)
            written = dict.fromkeys(("identity_id", "identity_display_name", "identity_user_principal_name"), who)
            values = {"person_id": who, "user_principal_name": "", "name": f"{who} {row.key}", **written}
            await db.execute(update(people).where(p.key == row.key).values(values))
    return ids - {""}


def _may_be(known: Traces) -> Any:
    texts = [form for text in known.ids | known.principal_names for form in identifiers.contained(text)]
    forms = {form for text in texts for form in identifiers.written_forms(text)} - {""}
    return or_(p.person_id.in_(sorted(forms)), p.user_principal_name.in_(sorted(forms)))


async def count_calls(db: AsyncConnection, who: str) -> int:
    """How many calls still have the pseudonym of the index."""
    theirs = select(p.key).where(p.person_id == who)
    return await db.scalar(select(func.count(i.call_key.distinct())).where(i.person_key.in_(theirs))) or 0


async def calls(database: Database, who: str) -> AsyncIterator[list[int]]:
    """The keys of these calls, the newest of each entry of the index first."""
    async with database.reading() as db:
        entries = (await db.execute(select(p.key).where(p.person_id == who).order_by(p.key))).scalars().all()
    for entry in entries:
        wanted = select(i.at, i.call_key).where(i.person_key == entry).order_by(i.at.desc(), i.call_key.desc())
        some = await _some(database, wanted)
        while some:
            yield [row.call_key for row in some]
            some = await _some(database, wanted.where(tuple_(i.at, i.call_key) < tuple(some[-1])))


async def _some(database: Database, wanted: Select[Any]) -> Sequence[Any]:
    async with database.reading() as db:
        found: Sequence[Any] = (await db.execute(wanted.limit(SOME))).all()
    return found
