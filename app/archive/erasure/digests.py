"""Who was erased, so that they stay erased: keyed hashes of ids, addresses and names, from which none can be read.

The key is random and belongs to this database only. With an id and the database one can check whether it was erased,
but the erased ids cannot be listed.
"""

import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Boolean, Column, Dialect, LargeBinary, String, Table, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.archive.detail.erased_kinds import ERASED
from app.archive.erasure import mentions
from app.archive.parse.identities import identifiers
from app.db import UtcDateTime, direct, lock_table, metadata
from app.db.direct import Selecting, Steps
from app.db.secrets import shared_secret

SECRET = "erasures"  # noqa: S105 -- its name

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
    """Digest -> person, of what identifies a person wherever it stands."""
    names_without_id: dict[bytes, str] = field(default_factory=dict)
    """Of addresses that another id may have by now, and of display names."""
    count: int = 0

    def __bool__(self) -> bool:
        return bool(self.ids or self.names_without_id)

    def person(self, an_id: str | None, principal_name: str | None) -> str | None:
        """Whose identity this is, if an erased person's."""
        by_id = self._of_id(an_id) if an_id else None
        if by_id or not principal_name:
            return by_id
        address = digest(self.key, principal_name)
        return self.ids.get(address) or (None if an_id else self.names_without_id.get(address))

    def mentioned(self, text: str) -> str | None:
        """Whose id, address or number this is, wherever it stands."""
        hashed = digest(self.key, text)
        return self.ids.get(hashed) or self.names_without_id.get(hashed)

    def named(self, name: str) -> str | None:
        """Who was called so where an erased person was seen; another person may have the same name."""
        return self.names_without_id.get(name_digest(self.key, name)) if self.names_without_id else None

    def _of_id(self, an_id: str) -> str | None:
        """An id may contain that of a person: 8:orgid:<GUID>."""
        hashes = (digest(self.key, form) for form in identifiers.contained(an_id))
        return next((person for hashed in hashes if (person := self.ids.get(hashed))), None)

    def pseudonym(self, person: str, tenant_id: str, call_id: str) -> str:
        """The same throughout a call and all its versions, another in each call: no list of calls can be made."""
        text = f"pseudonym:{person}:{tenant_id}:{call_id}"
        return ERASED + hmac.digest(self.key, text.encode(), "sha256")[:8].hex()

    def also(self, person: str, known: "Known") -> "Erased":
        """With one person more."""
        strong, weak = known.digests(self.key)
        ids, names = dict.fromkeys(strong, person), dict.fromkeys(weak, person)
        return Erased(self.key, self.ids | ids, self.names_without_id | names, self.count)


class Known(NamedTuple):
    """The texts by which a person is known."""

    ids: Collection[str]
    """Ids and numbers, and an address by which the person was erased."""
    addresses: Collection[str]
    names: Collection[str]

    def digests(self, key: bytes) -> tuple[set[bytes], set[bytes]]:
        """Of what identifies the person wherever it stands, and of what does so without an id only."""
        strong = {digest(key, form) for text in self.ids for form in identifiers.contained(text)}
        weak = {digest(key, text) for text in self.addresses} | {name_digest(key, name) for name in self.names}
        return strong, weak - strong


NONE_ERASED = Erased()


def digest(key: bytes, text: str) -> bytes:
    """Of the normal form: however an id, a number or an address is written, it is the same."""
    return _digest(key, identifiers.cut(text))


@lru_cache(maxsize=16384)  # a record repeats the same few texts
def _digest(key: bytes, text: str) -> bytes:
    return hmac.digest(key, identifiers.normal(text).encode(errors="surrogatepass"), "sha256")


def name_digest(key: bytes, name: str) -> bytes:
    """Of a name's words, in a domain of its own: no name is taken for an address."""
    return _name_digest(key, identifiers.cut(name))


@lru_cache(maxsize=16384)
def _name_digest(key: bytes, name: str) -> bytes:
    return hmac.digest(key, f"name:{' '.join(mentions.words(name))}".encode(errors="surrogatepass"), "sha256")


# Grows with each new hash, and with each that becomes that of an id.
_count = func.count() + func.coalesce(func.sum(case((erasures.c.only_without_id, 0), else_=1)), 0)


_counted = select(_count).select_from(erasures)


async def count(db: AsyncConnection) -> int:
    """A number that only ever grows with what is remembered: it shows whether a cached copy is the newest.

    Asked in the transaction that saves: `remember` waits until that one has ended.
    """
    return await db.scalar(_counted) or 0


def counting(dialect: Dialect) -> Steps[int]:
    """The same as `count`, as a step of the transaction that saves."""
    statement = direct.compiled(_counted, dialect)
    [(found,)] = yield Selecting(statement, direct.bound(statement, {}))
    return found or 0


async def read(db: AsyncConnection) -> Erased:
    """Everybody who was erased until now."""
    key = await shared_secret.find(db, SECRET)
    rows = (await db.execute(select(erasures))).all()
    if key is None or not rows:
        return NONE_ERASED
    ids = {row.digest: row.person for row in rows if not row.only_without_id}
    names = {row.digest: row.person for row in rows if row.only_without_id}
    return Erased(key, ids, names, len(rows) + len(ids))


async def is_erased(db: AsyncConnection, an_id: str) -> bool:
    """Whether this is an id, address or number of an erased person, or contains one."""
    key = await shared_secret.find(db, SECRET)
    if key is None:
        return False
    hashes = [digest(key, form) for form in identifiers.contained(an_id)]
    return await db.scalar(select(erasures.c.digest).where(erasures.c.digest.in_(hashes)).limit(1)) is not None


async def remember(db: AsyncConnection, person: str, known: Known, at: datetime) -> None:
    """From its commit on nothing of this person is saved: what was saved by then can be found."""
    key = await shared_secret.get_or_create_within(db, SECRET)
    await lock_table(db, erasures)
    stored = {row.digest: row.only_without_id for row in await db.execute(select(erasures))}
    strong, weak = known.digests(key)
    rows = [
        {"digest": hashed, "person": person, "only_without_id": hashed in weak, "erased_at": at}
        for hashed in sorted(strong | weak)
        if hashed not in stored
    ]
    if rows:
        await db.execute(insert(erasures), rows)
    if stronger := [hashed for hashed in sorted(strong) if stored.get(hashed)]:
        mine = erasures.c.digest.in_(stronger)
        await db.execute(update(erasures).where(mine).values(only_without_id=False))
