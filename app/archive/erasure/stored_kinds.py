"""The kinds of erased identities as the archive has them: only the id may have shown that a party was a telephone."""

from collections.abc import Iterator

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail import erased_kinds
from app.archive.detail.erased_kinds import ERASED
from app.archive.schema.tables import CHILDREN


async def of_call(db: AsyncConnection, call_key: int) -> dict[str, str]:
    """Pseudonym -> kind, of the call's participants, sessions and segments.

    A call without detail rows has the kinds of its sessions and segments in the index of people.
    """
    kinds = dict((await erased_kinds.of_calls(db, [call_key])).get(call_key, {}))
    for table in CHILDREN:
        for kind, an_id in _pairs(table):
            pseudonymous = table.c[an_id].startswith(ERASED, autoescape=True) & table.c[kind].is_not(None)
            wanted = select(table.c[an_id], table.c[kind]).where(table.c.call_key == call_key, pseudonymous).distinct()
            kinds |= {row[0]: row[1] for row in await db.execute(wanted)}
    return kinds


def _pairs(table: Table) -> Iterator[tuple[str, str]]:
    names = set(table.columns.keys())
    for name in sorted(names):
        an_id = name.removesuffix("kind") + "id"
        if name.endswith("identity_kind") and an_id in names:
            yield name, an_id
