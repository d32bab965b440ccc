"""Values that are encrypted in the database with a secret that all its processes share.

This protects them in exports, views and single tables, and in what an administrator looks at. It does not protect
them from a reader of the complete database, who reads the shared secret as well.
"""

import os

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.db.secrets import shared_secret

_NONCE = 12  # bytes


class Seal:
    """Encrypts and decrypts the values of one purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 -- 5 MB, only for webhooks

        self._cipher = AESGCM(key)
        self._purpose = purpose.encode()

    @classmethod
    async def of(cls, database: Database, purpose: str) -> "Seal":
        """With the shared secret of this name, which is created at first use."""
        return cls(await shared_secret.get_or_create(database, purpose), purpose)

    @classmethod
    async def within(cls, db: AsyncConnection, purpose: str) -> "Seal":
        """The same in the caller's transaction."""
        return cls(await shared_secret.get_or_create_within(db, purpose), purpose)

    def close(self, text: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), self._purpose)

    def open(self, sealed: bytes) -> str:
        """InvalidTag for bytes that `close` did not return with this key."""
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._purpose).decode()
