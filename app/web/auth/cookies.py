"""The cookies that say who one is: for this host alone, unread by scripts, and named so that no other host sets them.

https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
"""

from collections.abc import Mapping

from starlette.responses import Response

SESSION = "callkeeper_session"
FLOW = "callkeeper_entra"  # between leaving for Entra ID and coming back

LARGEST = 3800  # bytes; browsers drop a cookie of more than 4096 without a word


def read(cookies: Mapping[str, str], origin: str, name: str) -> str | None:
    """Over https only the cookie with the prefix counts: a neighbour below the same domain cannot plant that one."""
    return cookies.get(_name(origin, name))


def keep(answer: Response, origin: str, name: str, value: str, seconds: int) -> None:
    # Lax, not Strict: the way back from Entra ID, and a link in a mail, begin on another site.
    answer.set_cookie(
        _name(origin, name),
        value,
        max_age=seconds,
        path="/",
        secure=is_secure(origin),
        httponly=True,
        samesite="lax",
    )


def drop(answer: Response, origin: str, name: str) -> None:
    answer.delete_cookie(_name(origin, name), path="/", secure=is_secure(origin), httponly=True, samesite="lax")


def is_secure(origin: str) -> bool:
    """Whether the browser came over https, as far as the request or a trusted proxy says."""
    return origin.startswith("https://")


def _name(origin: str, name: str) -> str:
    return f"__Host-{name}" if is_secure(origin) else name
