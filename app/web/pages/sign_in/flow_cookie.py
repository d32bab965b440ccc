"""What the browser keeps for us while its person is at Entra ID: sealed, so that it can be neither read nor made."""

from base64 import urlsafe_b64encode
from typing import Any, NamedTuple

import orjson

from app.db import Database, shared_secret
from app.graph.auth.sign_in import Begun
from app.web.auth import cookies

LIFETIME = 15 * 60  # seconds in which a person signs in, second factor included


class Flow(NamedTuple):
    """``flow`` is msal's, ``wanted`` the page to lead to."""

    state: str
    nonce: str
    wanted: str
    flow: dict[str, Any]


async def sealed(database: Database, begun: Begun, wanted: str) -> str:
    """The cookie; where the page's address would make it too long, it leads to the overview."""
    box = await _box(database)
    for page in (wanted, "/"):
        cookie: str = box.encrypt(orjson.dumps([begun.state, begun.nonce, page, begun.flow])).decode()
        if len(cookie) <= cookies.LARGEST:
            return cookie
    raise ValueError("the flow alone is longer than a cookie")


async def opened(database: Database, cookie: str | None) -> Flow | None:
    """None where it is none of ours or too old."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 -- as below

    if cookie is None:
        return None
    try:
        return Flow(*orjson.loads((await _box(database)).decrypt(cookie, ttl=LIFETIME)))
    except (InvalidToken, ValueError, TypeError):
        return None


async def _box(database: Database) -> Any:
    from cryptography.fernet import Fernet  # noqa: PLC0415 -- only where somebody signs in

    return Fernet(urlsafe_b64encode(await shared_secret.get_or_create(database, "sign_ins")))
