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


def set_cookie(answer: Response, origin: str, name: str, value: str, seconds: int, *, secure: bool) -> None:
    # Lax, not Strict: the redirect from Entra ID and a link in a mail come from another site.
    answer.set_cookie(
        _name(origin, name),
        value,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def delete_cookie(answer: Response, origin: str, name: str, *, secure: bool) -> None:
    answer.delete_cookie(_name(origin, name), path="/", secure=secure, httponly=True, samesite="lax")


def _name(origin: str, name: str) -> str:
    """Over plain http no browser accepts the prefix; on this machine some accept the attribute Secure."""
    return f"__Host-{name}" if origin.startswith("https://") else name
