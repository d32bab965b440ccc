"""How long a log row's call was talked, and how long it occupied a channel. Pure.

Graph's own ``duration`` is that of talking in the PSTN log, and counts from the INVITE, ringing and queues included, in
the Direct Routing log: https://learn.microsoft.com/microsoftteams/teams-analytics-and-reports/pstn-usage-report
"""

from typing import Any

from app.archive.schema.call_log_types import DIRECT_ROUTING

SECOND = 1_000_000  # microseconds
LONGEST = 31 * 86_400  # seconds of a call, beyond which a duration is wrong


def computed(
    kind: str, moments: dict[str, int | None], duration: int | None, *, established: bool | None
) -> dict[str, Any]:
    """``talk_seconds`` and the interval in which a channel was occupied; None where it cannot be known."""
    given = duration if duration is not None and 0 <= duration <= LONGEST else None
    start, end = moments["start_at"], moments["end_at"]
    begin = start if moments["invite_at"] is None else moments["invite_at"]
    until = next((at for at in (end, moments["failure_at"]) if at is not None), None)
    if until is None and begin is not None and given is not None:
        until = begin + given * SECOND
    is_interval = begin is not None and until is not None and begin <= until
    return {
        "talk_seconds": 0.0 if established is False else _talked(kind, start, end, given),
        "occupied_from": begin if is_interval else None,
        "occupied_until": until if is_interval else None,
    }


def _talked(kind: str, start: int | None, end: int | None, duration: int | None) -> float | None:
    if start is not None and end is not None and start <= end:
        return (end - start) / SECOND
    return None if kind == DIRECT_ROUTING or duration is None else float(duration)
