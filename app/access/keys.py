"""API keys in the database: made, found by their hash, revoked. Below the edge, nothing commits."""

import re
import secrets
import string
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any, NamedTuple

import orjson
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app import ids
from app.access.caller import Caller, Scope, Unauthenticated
from app.access.tables import api_keys
from app.db import upsert
from app.ids import TenantId

STATIC = "API_KEY"  # the name of the one key that is a setting
LAST_USED_PRECISION = timedelta(minutes=1)  # how exact last_used_at is

_PREFIX = "ck_"  # by which scanners find a key where none should be
_ALPHABET = string.ascii_letters + string.digits  # a double click selects all of it
_LENGTH = 43  # 256 bits
_FORM = re.compile(rf"{_PREFIX}[A-Za-z0-9]{{{_LENGTH}}}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
NOT_VALID = "That key is not valid."

c = api_keys.c


class KeyRefused(ValueError):
    """Why there can be no such key, in one line."""


class Revoked(NamedTuple):
    at: datetime
    now: bool


def digest(key: str) -> bytes:
    """What is stored of a key. A key is 256 random bits, which cannot be guessed, so a slow hash is not needed."""
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


def looks_like_a_key(text: str) -> bool:
    return _FORM.fullmatch(text) is not None


async def create(
    db: AsyncConnection,
    name: str,
    scope: Scope,
    tenants: Sequence[TenantId] | None,
    now: datetime,
    *,
    expires_at: datetime | None = None,
    sites: Sequence[str] | None = None,
) -> str:
    """The new key, which is returned only once; KeyRefused if the name is invalid or was ever used."""
    _check(name)
    key = _PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    row = {
        "sha256": digest(key).hex(),
        "name": name,
        "scope": scope,
        "tenants": orjson.dumps(sorted(set(tenants))).decode() if tenants is not None else None,
        "created_at": now,
        "expires_at": expires_at,
        "sites": orjson.dumps(sorted(set(sites))).decode() if sites is not None else None,
    }
    insert = upsert(api_keys, db.dialect.name).values(row).on_conflict_do_nothing(index_elements=[c.name])
    if (await db.execute(insert.returning(c.name))).first() is None:
        raise KeyRefused(
            f"there is a key {name} already, active or revoked; the audit refers to it, so choose another name"
        )
    return key


async def caller(db: AsyncConnection, key: str, now: datetime) -> Caller:
    """The caller with this key, by the current state of the database; Unauthenticated if there is none.

    Found by its hash. The time of that lookup may reveal something about the hash, which is of no use without the
    key, because a caller cannot choose a key's hash. The complete hash is then compared in constant time.
    """
    shown = digest(key).hex()
    row = (await db.execute(select(api_keys).where(c.sha256 == shown))).mappings().first()
    if row is None or not compare_digest(shown, row["sha256"]):
        raise Unauthenticated("key", NOT_VALID)
    return caller_of_row(dict(row), now)


def caller_of_row(row: Mapping[str, Any], now: datetime) -> Caller:
    """The caller with the key of this row; Unauthenticated if the key is revoked or has expired."""
    if row["revoked_at"] is not None:
        raise Unauthenticated("revoked", NOT_VALID)
    if row["expires_at"] is not None and row["expires_at"] <= now:
        raise Unauthenticated(
            "expired", f"That key expired on {row['expires_at']:%Y-%m-%d %H:%M} UTC; create a new one."
        )
    return Caller(row["name"], row["scope"], _tenants(row), _sites(row))


async def list_keys(db: AsyncConnection) -> list[dict[str, Any]]:
    """Every key ever made, by name; of the key itself nothing."""
    rows = (await db.execute(select(api_keys).order_by(c.name))).mappings()
    shown = ("name", "scope", "tenants", "sites", "created_at", "expires_at", "last_used_at", "revoked_at")
    return [
        {name: row[name] for name in shown} | {"tenants": _tenants(dict(row)), "sites": _sites(dict(row))}
        for row in rows
    ]


async def revoke(db: AsyncConnection, name: str, now: datetime) -> Revoked:
    """From the commit on every replica refuses it; a second revocation does not change the time."""
    at = await db.scalar(
        update(api_keys).where(c.name == name, c.revoked_at.is_(None)).values(revoked_at=now).returning(c.revoked_at)
    )
    if at is not None:
        return Revoked(at, now=True)
    before = await db.scalar(select(c.revoked_at).where(c.name == name))
    if before is None:
        raise KeyRefused(f"there is no key {name}; see `callkeeper keys list`")
    return Revoked(before, now=False)


async def mark_used(db: AsyncConnection, names: Sequence[str], now: datetime) -> None:
    """Note that these keys were used. A row that someone else holds is left alone: he is writing the same."""
    stale = or_(c.last_used_at.is_(None), c.last_used_at < now - LAST_USED_PRECISION)
    free = select(c.sha256).where(c.name.in_(names), stale).with_for_update(skip_locked=True)
    await db.execute(update(api_keys).where(c.sha256.in_(free)).values(last_used_at=now))


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise KeyRefused(
            "a key's name has 1 to 64 letters, digits, dots, dashes and underscores, for example reports-2026"
        )
    if name.upper() == STATIC or ids.guid(name):
        raise KeyRefused(
            f"{name} would read in the audit like {STATIC} or like an application's id; choose another name"
        )


def _tenants(row: Mapping[str, Any]) -> tuple[TenantId, ...] | None:
    return None if row["tenants"] is None else tuple(orjson.loads(row["tenants"]))


def _sites(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    return None if row["sites"] is None else tuple(orjson.loads(row["sites"]))
