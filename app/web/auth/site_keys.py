"""Which routes a key for some sites may use: those whose answers are limited to the calls of these sites.

All others are refused, so that a new route shows nothing of other sites until it is listed here.
"""

import re

_READS = re.compile(
    r"/api/calls(/[^/]+(/(record|versions|diagnosis|related))?)?"
    r"|/api/(stats|sites|pstn-calls|direct-routing-calls)"
    r"|/calls(\.csv|/[^/]+(/sessions/[^/]+)?)?"
    r"|/(live|sites|zone)"
)
_WRITES = ("/zone", "/sign-out")

_FOR_SITES = "This key is for the calls of some sites"
_REFUSED = (
    (r"(/api)?/people(/.*)?", "and the index of people covers all sites. Search for calls instead: {calls}?{q}=NAME."),
    (r"/quality(\.csv)?", "and these counts cover all sites. See /sites, and /api/stats with `by`, for these sites."),
    (r"/v1\.0(/.*)?", "and routes below /v1.0 answer for all sites. Read calls with /api/calls instead."),
    (r"/api/status", "and the state of collecting is that of complete tenants. Use a key without sites."),
    (r"(/api)?/inbox(/.*)?", "and the sites of a call are known only once it is stored. Use a key without sites."),
    (r"(/api)?/audit(\..*)?", "and the audit covers all sites. Use a key without sites."),
)
"""Paths that a reader may expect to be limited to sites, and why they are not"""

OTHERS = "What was asked covers all sites, or changes something."


def refused(path: str) -> str:
    """Why the route is refused, and what to use instead."""
    found = next((why for pattern, why in _REFUSED if re.fullmatch(pattern, path)), None)
    if found is None:
        return f"{_FOR_SITES}. {OTHERS}"
    calls, q = ("/api/calls", "participant") if path.startswith("/api/") else ("/calls", "q")
    return f"{_FOR_SITES}, {found.format(calls=calls, q=q)}"


def may_use(method: str, path: str) -> bool:
    """Whether the route answers only from the calls of the key's sites."""
    return bool(_READS.fullmatch(path)) if method in ("GET", "HEAD") else path in _WRITES
