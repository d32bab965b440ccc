"""Paths of pages that require a sign-in, and redirects to the sign-in and back."""

from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from app.web.context import context

GUARDED = ("/api", "/v1.0")  # the APIs; a signed-in user may read them too
PAGES = (
    "/calls",
    "/calls.csv",
    "/quality.csv",
    "/people",
    "/quality",
    "/sites",
    "/telephony",
    "/inbox",
    "/subscriptions",
    "/audit",
    "/audit.csv",
    "/alerts",
    "/webhooks",
    "/keys",
    "/live",
    "/zone",
    "/sign-out",
)

_LONGEST = 2000  # characters of an address that the sign-in redirects to
_NO_TARGET = ("/live", "/sign-out")  # not pages to show after a sign-in


def is_page(path: str) -> bool:
    return path == "/" or f"{path}/".startswith(tuple(f"{root}/" for root in PAGES))


def to_sign_in(scope: dict[str, Any] | Any, origin: str) -> Response:
    """Redirect to the sign-in, which redirects to the page that a GET requested."""
    # The path as it was sent: an id in it may contain an escaped slash or question mark.
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    target = path.decode("latin-1") if scope["method"] == "GET" else "/"
    if scope["method"] == "GET" and scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    back = "" if safe(target) == "/" else f"?next={quote(target, safe='')}"
    return RedirectResponse(f"{root(origin)}/sign-in{back}", 303)


def root(origin: str) -> str:
    """The path prefix under which a proxy serves us; empty where there is none."""
    return urlsplit(origin).path.rstrip("/")


def back(request: Request, where: str) -> Response:
    """Redirect to one of our pages after a POST, so that going back does not send the form again."""
    return RedirectResponse(f"{root(context(request).graph.origins.of(request.scope))}{where}", 303)


def safe(target: str | None) -> str:
    """The path of one of our pages to redirect to; the overview for anything else."""
    if target is None or len(target) > _LONGEST or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return "/"
    if not target.isprintable():
        return "/"
    try:
        path = urlsplit(target).path
    except ValueError:  # an unclosed IPv6 address
        return "/"
    return target if is_page(path) and path not in _NO_TARGET else "/"
