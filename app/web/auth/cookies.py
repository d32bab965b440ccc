"""The session cookies: for this host only, not readable by scripts, named so that no other host can set them.

https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
"""

from collections.abc import Mapping

from starlette.responses import Response

SESSION = "callkeeper_session"
FLOW = "callkeeper_entra"  # during a sign-in at Entra ID

LARGEST = 3800  # bytes; browsers silently drop a cookie of more than 4096


def read(cookies: Mapping[str, str], origin: str, name: str) -> str | None:
    """Over https only the cookie with the prefix counts: another host of the same domain cannot set it."""
    return cookies.get(_name(origin, name))


def set_cookie(answer: Response, origin: str, name: str, value: str, seconds: int) -> None:
    # Lax, not Strict: the redirect from Entra ID and a link in a mail come from another site.
    answer.set_cookie(
        _name(origin, name),
        value,
        max_age=seconds,
        path="/",
        secure=is_secure(origin),
        httponly=True,
        samesite="lax",
    )


def delete_cookie(answer: Response, origin: str, name: str) -> None:
    answer.delete_cookie(_name(origin, name), path="/", secure=is_secure(origin), httponly=True, samesite="lax")


def is_secure(origin: str) -> bool:
    """Whether the browser uses https, by the request or by a trusted proxy's header."""
    return origin.startswith("https://")


def _name(origin: str, name: str) -> str:
    return f"__Host-{name}" if is_secure(origin) else name
