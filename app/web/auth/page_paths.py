"""Which paths are pages that only who is signed in may see, and the way to the sign-in."""

from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from app.web.context import context

GUARDED = ("/api", "/v1.0")  # for programs; who is signed in may read there, too
PAGES = (
    "/calls",
    "/calls.csv",
    "/people",
    "/quality",
    "/inbox",
    "/subscriptions",
    "/audit",
    "/live",
    "/zone",
    "/sign-out",
)

_LONGEST = 2000  # characters of an address that the sign-in leads back to
_NOWHERE = ("/live", "/sign-out")  # nothing for a person to look at


def is_page(path: str) -> bool:
    return path == "/" or f"{path}/".startswith(tuple(f"{root}/" for root in PAGES))


def to_sign_in(scope: dict[str, Any] | Any, origin: str) -> Response:
    """To the sign-in, which leads back to where a GET wanted to go."""
    # As it was sent: an id in it may hold an escaped slash or question mark.
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    wanted = path.decode("latin-1") if scope["method"] == "GET" else "/"
    if scope["method"] == "GET" and scope["query_string"]:
        wanted += "?" + scope["query_string"].decode("latin-1")
    back = "" if safe(wanted) == "/" else f"?next={quote(wanted, safe='')}"
    return RedirectResponse(f"{root(origin)}/sign-in{back}", 303)


def root(origin: str) -> str:
    """The path below which a proxy shows us; empty where there is none."""
    return urlsplit(origin).path.rstrip("/")


def back(request: Request, where: str) -> Response:
    """To that page of ours, after a form has done its work: going back does not send it again."""
    return RedirectResponse(f"{root(context(request).graph.origins.of(request.scope))}{where}", 303)


def safe(wanted: str | None) -> str:
    """A path of ours to lead to; the overview for anything that might lead elsewhere."""
    if wanted is None or len(wanted) > _LONGEST or not wanted.startswith("/") or wanted[1:2] in {"/", "\\"}:
        return "/"
    if not wanted.isprintable():
        return "/"
    try:
        path = urlsplit(wanted).path
    except ValueError:  # what looks like half an IPv6 address
        return "/"
    return wanted if is_page(path) and path not in _NOWHERE else "/"
