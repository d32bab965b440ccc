"""Who is signed in to the pages: a signed cookie that ends, and says nothing that opens anything else.

A session of a key holds the key's name and a keyed hash of its digest, so that a key revoked or changed a moment ago
opens no page, either. One of an Entra ID sign-in holds what the token proved.
"""

from collections.abc import Iterable
from datetime import datetime
from hmac import compare_digest, digest
from secrets import token_urlsafe
from typing import Any, NamedTuple

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.access import ended_sessions, keys
from app.access.caller import Caller, Unauthenticated
from app.db import Database, shared_secret
from app.ids import TenantId

LIFETIME = 8 * 3600  # seconds: a working day
FORM_LIFETIME = LIFETIME  # a form that was open as long as its session may be sent

_ENDED = Unauthenticated("session", "The session has ended; sign in again.")


class Session(NamedTuple):
    """``number`` is random; ``proof`` ties it to its key, None to what a token proved."""

    number: str
    caller: Caller
    proof: str | None


class Sessions:
    """Writes and reads the cookies; ``static`` is the digest of the one key that is a setting.

    ``tenant_ids`` are those whose people may sign in with Entra ID, empty if that is disabled; without ``keys_open``
    no key signs in. What no longer may be begun is no longer read, either.
    """

    def __init__(
        self, database: Database, static: bytes | None, tenant_ids: Iterable[TenantId] = (), *, keys_open: bool = True
    ) -> None:
        self._database = database
        self._static = static
        self._tenant_ids = frozenset(tenant_ids)
        self._keys_open = keys_open
        self._key: bytes | None = None  # read once: it never changes, and an error page needs no database

    async def of_key(self, caller: Caller) -> str:
        """The cookie of a session for the key that this caller showed."""
        async with self._database.reading() as db:
            key_digest = await self._digest(db, caller.name)
        if key_digest is None:
            raise _ENDED
        secret_key = await self._secret()
        return self._write(secret_key, Session(token_urlsafe(16), caller, _proof(secret_key, key_digest)))

    async def of_token(self, caller: Caller) -> str:
        """The cookie of a session for whom a token proved."""
        return self._write(await self._secret(), Session(token_urlsafe(16), caller, None))

    async def read(self, cookie: str) -> Session:
        """The session of the cookie, checked at this moment; Unauthenticated if it has ended or is not ours."""
        secret_key = await self._secret()
        try:
            number, name, scope, tenants, proof = _signer(secret_key, "session").loads(cookie, max_age=LIFETIME)
        except (BadSignature, ValueError):
            raise _ENDED from None
        session = Session(number, Caller(name, scope, None if tenants is None else tuple(tenants)), proof)
        if not await self.holds(session):
            raise _ENDED
        return session

    async def holds(self, session: Session) -> bool:
        """Whether it was not ended, and its key or tenant is still valid; its age is only in its cookie."""
        number, caller, proof = session
        if not self._is_open(caller, proof):
            return False
        async with self._database.reading() as db:
            key_digest = await self._digest(db, caller.name) if proof is not None else None
            if await ended_sessions.has_ended(db, number):
                return False
        return proof is None or (
            key_digest is not None and compare_digest(proof, _proof(await self._secret(), key_digest))
        )

    async def end(self, session: Session, now: datetime) -> None:
        """From the commit on it gives no access, also with a copied cookie; doing it twice does no harm."""
        async with self._database.begin() as db:
            await ended_sessions.end(db, session.number, now, LIFETIME)

    async def form_token(self, number: str) -> str:
        """What a form of this session must send back with it."""
        return _text(_signer(await self._secret(), "form").dumps(number))

    async def is_form_token(self, token: str, number: str) -> bool:
        try:
            sent = _signer(await self._secret(), "form").loads(token, max_age=FORM_LIFETIME)
        except BadSignature:
            return False
        return isinstance(sent, str) and compare_digest(sent.encode(), number.encode())

    def _is_open(self, caller: Caller, proof: str | None) -> bool:
        if proof is not None:
            return self._keys_open
        return caller.tenants is not None and self._tenant_ids.issuperset(caller.tenants)

    async def _secret(self) -> bytes:
        if self._key is None:
            self._key = await shared_secret.get_or_create(self._database, "sessions")
        return self._key

    async def _digest(self, db: AsyncConnection, name: str) -> bytes | None:
        return self._static if name == keys.STATIC else await keys.digest_of(db, name)

    def _write(self, secret_key: bytes, session: Session) -> str:
        number, caller, proof = session
        return _text(_signer(secret_key, "session").dumps([number, *caller, proof]))


def _signer(secret_key: bytes, purpose: str) -> Any:
    return URLSafeTimedSerializer(secret_key, salt=f"callkeeper {purpose}")


def _text(written: str | bytes) -> str:
    return written if isinstance(written, str) else written.decode()


def _proof(secret_key: bytes, key_digest: bytes) -> str:
    return digest(secret_key, b"key " + key_digest, "sha256").hex()
