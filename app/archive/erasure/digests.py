"""Who was erased, so that nobody comes back: keyed hashes of ids, from which no id can be read.

The key is random and of this database alone: who knows an id and the whole database can ask whether it was erased,
nobody can list who was.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Boolean, Column, LargeBinary, String, Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import UtcDateTime, exclusively, metadata, shared_secret

SECRET = "erasures"  # noqa: S105 -- its name
ERASED = "erased-"  # what every pseudonym begins with

erasures = Table(
    "erasures",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="HMAC-SHA-256 of an id or a user principal name"),
    Column("person", String(32), nullable=False, comment="random; the same for all ids of one erasure"),
    Column("only_without_id", Boolean, nullable=False, comment="a name that another id may have by now"),
    Column("erased_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Erased:
    """All who were erased. Without I/O."""

    key: bytes = b""
    ids: dict[bytes, str] = field(default_factory=dict)
    names_without_id: dict[bytes, str] = field(default_factory=dict)
    count: int = 0

    def __bool__(self) -> bool:
        return bool(self.ids or self.names_without_id)

    def person(self, an_id: str | None, principal_name: str | None) -> str | None:
        """Whose identity this is, if an erased person's."""
        by_id = self.ids.get(digest(self.key, an_id)) if an_id else None
        if by_id or not principal_name:
            return by_id
        name = digest(self.key, principal_name)
        return self.ids.get(name) or (None if an_id else self.names_without_id.get(name))

    def pseudonym(self, person: str, tenant_id: str, call_id: str) -> str:
        """The same throughout a call and all its versions, another in each call: no list of calls can be made."""
        text = f"pseudonym:{person}:{tenant_id}:{call_id}"
        return ERASED + hmac.digest(self.key, text.encode(), "sha256")[:8].hex()

    def also(self, person: str, ids: Iterable[str], names_without_id: Iterable[str]) -> "Erased":
        """With one person more."""
        more_ids = {digest(self.key, text): person for text in ids}
        more_names = {digest(self.key, text): person for text in names_without_id}
        return Erased(self.key, self.ids | more_ids, self.names_without_id | more_names, self.count)


NOBODY = Erased()


def digest(key: bytes, text: str) -> bytes:
    """Ids and principal names compare without case."""
    return hmac.digest(key, text.strip().casefold().encode(errors="surrogatepass"), "sha256")


async def count(db: AsyncConnection) -> int:
    """How many hashes there are: they only ever grow, so the number tells whether one's knowledge is the newest.

    Asked in the transaction that saves: `remember` waits until that one has ended.
    """
    return await db.scalar(select(func.count()).select_from(erasures)) or 0


async def read(db: AsyncConnection) -> Erased:
    """Everybody who was erased until now."""
    key = await shared_secret.find(db, SECRET)
    rows = (await db.execute(select(erasures))).all()
    if key is None or not rows:
        return NOBODY
    ids = {row.digest: row.person for row in rows if not row.only_without_id}
    return Erased(key, ids, {row.digest: row.person for row in rows if row.only_without_id}, len(rows))


async def remember(
    db: AsyncConnection, person: str, ids: Iterable[str], names_without_id: Iterable[str], at: datetime
) -> None:
    """From its commit on nothing of this person is saved: what was saved by then can be found."""
    key = await shared_secret.get_or_create_within(db, SECRET)
    await exclusively(db, erasures)
    known = set((await db.execute(select(erasures.c.digest))).scalars())
    new = {digest(key, text): True for text in names_without_id} | {digest(key, text): False for text in ids}
    rows = [
        {"digest": hashed, "person": person, "only_without_id": weak, "erased_at": at}
        for hashed, weak in new.items()
        if hashed not in known
    ]
    if rows:
        await db.execute(insert(erasures), rows)
