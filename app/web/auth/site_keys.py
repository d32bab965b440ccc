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

REFUSED = "This key is for the calls of some sites. What was asked covers all sites, or changes something."


def may_use(method: str, path: str) -> bool:
    """Whether the route answers only from the calls of the key's sites."""
    return bool(_READS.fullmatch(path)) if method in ("GET", "HEAD") else path in _WRITES
