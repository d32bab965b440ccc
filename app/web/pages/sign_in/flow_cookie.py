"""The state of a sign-in at Entra ID, in an encrypted cookie of the browser."""

from base64 import urlsafe_b64encode
from typing import Any, NamedTuple

import orjson

from app.db import Database
from app.db.secrets import shared_secret
from app.graph.auth.sign_in import Begun
from app.web.auth import cookies

LIFETIME = 15 * 60  # seconds to sign in, second factor included


class Flow(NamedTuple):
    """``flow`` is msal's, ``target`` the page to redirect to."""

    state: str
    nonce: str
    target: str
    flow: dict[str, Any]


async def encrypt(database: Database, begun: Begun, target: str) -> str:
    """The cookie's value; where the target would make it too long, the target is the overview."""
    fernet = await _fernet(database)
    for page in (target, "/"):
        cookie: str = fernet.encrypt(orjson.dumps([begun.state, begun.nonce, page, begun.flow])).decode()
        if len(cookie) <= cookies.LARGEST:
            return cookie
    raise ValueError("the flow alone is too long for a cookie")


async def decrypt(database: Database, cookie: str | None) -> Flow | None:
    """None where the cookie is not ours or too old."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 -- as below

    if cookie is None:
        return None
    try:
        return Flow(*orjson.loads((await _fernet(database)).decrypt(cookie, ttl=LIFETIME)))
    except (InvalidToken, ValueError, TypeError):
        return None


async def _fernet(database: Database) -> Any:
    from cryptography.fernet import Fernet  # noqa: PLC0415 -- only when a user signs in

    return Fernet(urlsafe_b64encode(await shared_secret.get_or_create(database, "sign_ins")))
