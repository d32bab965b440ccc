"""The kinds of erased identities, of which the document has only the pseudonym: the id may have shown a telephone."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities.took_part import OUR_KINDS
from app.archive.schema.tables import call_people, people

ERASED = "erased-"  # what every pseudonym begins with

Kinds = Mapping[str, str]
"""Pseudonym -> kind."""

NO_KINDS: Kinds = {}


async def of_calls(db: AsyncConnection, keys: Collection[int]) -> Mapping[int, Kinds]:
    """By the key of the call; calls without an erased person are not in it."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    erased = people.c.person_id.startswith(ERASED, autoescape=True) & call_people.c.kind.not_in(OUR_KINDS)
    wanted = select(call_people.c.call_key, people.c.person_id, call_people.c.kind)
    wanted = wanted.join(people, people.c.key == call_people.c.person_key)
    for call_key, pseudonym, kind in await db.execute(wanted.where(call_people.c.call_key.in_(keys), erased)):
        found[call_key][pseudonym] = kind
    return found
