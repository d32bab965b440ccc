"""Who is signed in to the pages: sessions by their cookies, and the tokens of their forms."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.access import sign_in_sessions
from app.access.caller import Caller, Unauthenticated
from app.access.sign_in_sessions import Method, Session
from app.db import Database
from app.db.secrets import shared_secret
from app.ids import TenantId

__all__ = ["LIFETIME", "Session", "Sessions"]

LIFETIME = int(sign_in_sessions.LIFETIME.total_seconds())
FORM_LIFETIME = LIFETIME  # a form that was open as long as its session may be sent

_ENDED = Unauthenticated("session", "The session has ended; sign in again.")


class Sessions:
    """Creates and reads sessions; ``static`` is the digest of the one key that is a setting.

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

    async def start(self, caller: Caller, method: Method) -> str:
        """The value of the cookie of a new session."""
        async with self._database.begin() as db:
            return await sign_in_sessions.create(db, caller, method, datetime.now(UTC), static=self._static)

    async def read(self, cookie: str) -> Session:
        """The session of the cookie, checked at this moment; Unauthenticated if it has ended or is not ours."""
        async with self._database.reading() as db:
            session = await sign_in_sessions.find(db, cookie, datetime.now(UTC), static=self._static)
        if session is None or not self._is_allowed(session):
            raise _ENDED
        return session

    async def end(self, session: Session) -> None:
        """Doing it twice does no harm."""
        async with self._database.begin() as db:
            await sign_in_sessions.end(db, session.id)

    async def form_token(self, session_id: str) -> str:
        """What a form of this session must send back with it."""
        return _text(_signer(await self._secret()).dumps(session_id))

    async def is_form_token(self, token: str, session_id: str) -> bool:
        try:
            sent = _signer(await self._secret()).loads(token, max_age=FORM_LIFETIME)
        except BadSignature:
            return False
        return isinstance(sent, str) and compare_digest(sent.encode(), session_id.encode())

    def _is_allowed(self, session: Session) -> bool:
        if session.method == "key":
            return self._keys_open
        return session.caller.tenants is not None and self._tenant_ids.issuperset(session.caller.tenants)

    async def _secret(self) -> bytes:
        if self._key is None:
            self._key = await shared_secret.get_or_create(self._database, "sessions")
        return self._key


def _signer(secret_key: bytes) -> Any:
    return URLSafeTimedSerializer(secret_key, salt="callkeeper form")


def _text(written: str | bytes) -> str:
    return written if isinstance(written, str) else written.decode()
