"""The kinds of erased identities, of which the document has only the pseudonym: the id may have shown a telephone."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.parse.identities.took_part import OUR_KINDS
from app.archive.schema.tables import DETAIL, call_people, people

ERASED = "erased-"  # what every pseudonym begins with

Kinds = Mapping[str, str]
"""Pseudonym -> kind."""

NO_KINDS: Kinds = {}


async def of_calls(db: AsyncConnection, keys: Collection[int]) -> Mapping[int, Kinds]:
    """By the key of the call; calls without an erased person are not in it.

    From the index of people and from detail rows: only these have Graph's kind of what is no person.
    """
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    erased = people.c.person_id.startswith(ERASED, autoescape=True)
    wanted = select(call_people.c.call_key, people.c.person_id, call_people.c.kind)
    wanted = wanted.join(people, people.c.key == call_people.c.person_key)
    for call_key, pseudonym, kind in await db.execute(wanted.where(call_people.c.call_key.in_(keys), erased)):
        if kind is not None and kind not in OUR_KINDS:
            found[call_key][pseudonym] = kind
        else:
            found.setdefault(call_key, {})
    for table in DETAIL if found else ():
        for kind, an_id in _pairs(table):
            pseudonymous = table.c[an_id].startswith(ERASED, autoescape=True) & table.c[kind].is_not(None)
            columns = (table.c.call_key, table.c[an_id], table.c[kind])
            rows = select(*columns).where(table.c.call_key.in_(sorted(found)), pseudonymous).distinct()
            for call_key, pseudonym, value in await db.execute(rows):
                found[call_key][pseudonym] = value
    return found


def _pairs(table: Table) -> Iterator[tuple[str, str]]:
    names = set(table.columns.keys())
    for name in sorted(names):
        an_id = name.removesuffix("kind") + "id"
        if name.endswith("identity_kind") and an_id in names:
            yield name, an_id
