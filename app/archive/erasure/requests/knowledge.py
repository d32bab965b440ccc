"""By what a person is known who is being erased: stored when it is found, deleted at the end."""

from datetime import UTC, datetime
from typing import NamedTuple

from app.archive.erasure import digests
from app.archive.erasure.digests import Erased, Known
from app.archive.erasure.requests import hidden_people, in_the_audit, table
from app.archive.erasure.requests.table import BEGINNING
from app.archive.erasure.traces import Traces
from app.db import Database


class Learned(NamedTuple):
    erased: Erased
    """All who are erased, this person among them."""
    known: Traces


async def learn(database: Database, key: int, found: Traces) -> Learned:
    """From now on nothing that is known by one of these is saved, and the index of people does not show it."""
    while True:
        async with database.begin() as db:
            request = await table.read(db, key)
            known = request.known | found
            is_searched = (request.call_key, request.version) != BEGINNING and known != request.known
            values = {"known": table.written(known), "again": request.again or is_searched}
            await table.change(db, key, datetime.now(UTC), **values)
            await digests.remember(db, request.person, _known(known), datetime.now(UTC))
        async with database.begin() as db:
            erased = await digests.read(db)
            ids = await hidden_people.hide(db, erased, request.person, known)
            left = await hidden_people.count_calls(db, hidden_people.pseudonym(erased, request.person))
            await table.change(db, key, datetime.now(UTC), own_calls=request.own_calls_done + left)
        if ids <= known.ids:
            return Learned(erased, known)
        found = Traces(ids)


def _known(known: Traces) -> Known:
    return Known(known.ids, known.principal_names, known.names)


async def forget(database: Database, key: int, known: Traces) -> None:
    """The request is finished, unless another id of the person was added to it meanwhile."""
    async with database.begin() as db:
        now = datetime.now(UTC)
        if await table.finish(db, key, known, now):
            await in_the_audit.finished(db, await table.read(db, key), now)
