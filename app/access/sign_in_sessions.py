"""Sign-in sessions of the pages in the database. Below the edge, nothing commits.

A cookie contains only a random token, and the database only the token's hash: neither a copy of the database nor a
cookie is enough to get another session. Scope and tenants of a session are those of its key's row at that moment, or,
after a sign-in with Entra ID, those of the session's own row.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import Select, and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.access import keys
from app.access.caller import Caller, Unauthenticated
from app.access.tables import api_keys, sign_in_sessions

LIFETIME = timedelta(hours=8)  # a working day

Method = Literal["key", "entra"]
"""How the user signed in."""

c = sign_in_sessions.c


class Session(NamedTuple):
    """``id`` gives no access; only the token in the cookie does."""

    id: str
    method: Method
    caller: Caller


async def create(
    db: AsyncConnection, caller: Caller, method: Method, now: datetime, *, static: bytes | None = None
) -> str:
    """The token of a new session; ``static`` is the digest of API_KEY. Deletes the rows of sessions that are over."""
    token = secrets.token_urlsafe(32)
    by_entra, by_static = method == "entra", method == "key" and caller.name == keys.STATIC and static is not None
    row = {
        "token_sha256": _sha256(token),
        "id": secrets.token_hex(8),
        "method": method,
        "who": caller.name,
        "scope": caller.scope if by_entra else None,
        "tenants": orjson.dumps(caller.tenants).decode() if by_entra else None,
        "key_proof": _proof(token, static) if by_static and static is not None else None,
        "created_at": now,
    }
    await delete_over(db, now)
    await db.execute(insert(sign_in_sessions).values(row))
    return token


async def delete_over(db: AsyncConnection, now: datetime) -> None:
    """Delete the rows of sessions whose lifetime has passed."""
    await db.execute(delete(sign_in_sessions).where(c.created_at <= now - LIFETIME))


async def find(db: AsyncConnection, token: str, now: datetime, *, static: bytes | None = None) -> Session | None:
    """The session of this token; None if it has ended, with its key or otherwise."""
    shown = _sha256(token)
    row = (await db.execute(_with_keys(now).where(c.token_sha256 == shown))).mappings().first()
    if row is None or not compare_digest(shown, row["token_sha256"]):
        return None
    if row["who"] == keys.STATIC and not _is_static(row, token, static):
        return None
    return _session(row, now)


async def list_open(db: AsyncConnection, now: datetime) -> list[dict[str, Any]]:
    """The sessions that have not ended, newest first, without what would give access."""
    rows = (await db.execute(_with_keys(now).order_by(c.created_at.desc(), c.id))).mappings()
    return [_shown(session, row) for row in rows if (session := _session(row, now))]


async def end(db: AsyncConnection, session_id: str) -> bool:
    """From the commit on it gives no access, also with a copied cookie; False if there is no such session."""
    deleted = await db.execute(delete(sign_in_sessions).where(c.id == session_id).returning(c.id))
    return deleted.first() is not None


async def end_all(db: AsyncConnection) -> int:
    """How many were ended; those that were over anyway are among them."""
    return (await db.execute(delete(sign_in_sessions))).rowcount


def _with_keys(now: datetime) -> Select[Any]:
    """Each session that is not over, with the row of its key."""
    key = {
        f"key_{name}": api_keys.c[name] for name in ("name", "scope", "tenants", "sites", "revoked_at", "expires_at")
    }
    by_key = and_(c.method == "key", c.who == api_keys.c.name)
    columns = [column.label(name) for name, column in key.items()]
    from_both = sign_in_sessions.outerjoin(api_keys, by_key)
    return select(sign_in_sessions, *columns).select_from(from_both).where(c.created_at > now - LIFETIME)


def _session(row: Mapping[str, Any], now: datetime) -> Session | None:
    caller = _caller(row, now)
    return Session(row["id"], row["method"], caller) if caller else None


def _caller(row: Mapping[str, Any], now: datetime) -> Caller | None:
    if row["method"] == "entra":
        return Caller(row["who"], row["scope"], tuple(orjson.loads(row["tenants"])))
    if row["who"] == keys.STATIC:
        return Caller(keys.STATIC, "admin")
    if row["key_name"] is None:
        return None
    key = {name.removeprefix("key_"): value for name, value in row.items() if name.startswith("key_")}
    try:
        return keys.caller_of_row(key, now)
    except Unauthenticated:
        return None


def _is_static(row: Mapping[str, Any], token: str, static: bytes | None) -> bool:
    """Whether API_KEY is still the one of the sign-in."""
    proof = row["key_proof"]
    return static is not None and proof is not None and compare_digest(proof, _proof(token, static))


def _shown(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": session.id,
        "who": session.caller.name,
        "method": session.method,
        "scope": session.caller.scope,
        "tenants": session.caller.tenants,
        "signed_in_at": row["created_at"],
        "ends_at": row["created_at"] + LIFETIME,
    }


def _sha256(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _proof(token: str, static: bytes) -> str:
    """Keyed with the token, which is not in the database: API_KEY may be short enough to be guessed from its hash."""
    return digest(token.encode("utf-8", "surrogatepass"), b"API_KEY " + static, "sha256").hex()
