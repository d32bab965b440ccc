"""Checks this machine's clock: Entra refuses assertions and tokens from a wrong one. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from app.doctor.finding import Check, failed, ok, skipped, warning

NAME = "clock"
NOTABLE = timedelta(seconds=30)
# Entra's tolerance: https://learn.microsoft.com/entra/identity-platform/access-tokens
TOO_MUCH = timedelta(seconds=300)
_REMEDY = "synchronise it with NTP, for example `timedatectl set-ntp true`; a container uses the clock of its host"


def ahead(date: str, sent: datetime, received: datetime) -> timedelta | None:
    """How far our clock is ahead of the host with this Date header, to a second; None if the header is invalid."""
    try:
        theirs = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    theirs = theirs.replace(tzinfo=UTC) if theirs.tzinfo is None else theirs
    return sent + (received - sent) / 2 - theirs - timedelta(seconds=0.5)  # the header is truncated to seconds


def check(skew: timedelta | None) -> Check:
    if skew is None:
        return skipped(NAME, "needs login_host or graph_host: no host sent its time")
    seconds = round(skew.total_seconds())
    found = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} Microsoft's"
    if abs(skew) >= TOO_MUCH:
        return failed(NAME, f"{found}: Entra refuses logins", _REMEDY)
    if abs(skew) >= NOTABLE:
        return warning(NAME, f"{found}: from {TOO_MUCH.seconds} s, Entra refuses logins", _REMEDY)
    return ok(NAME, "correct to the second" if abs(seconds) <= 1 else found)
