"""What the final SIP code of a Direct Routing row says of a call that was not established. Pure.

Codes: https://www.rfc-editor.org/rfc/rfc3261#section-21; 480, 487 and 603 as in the Call Quality Dashboard's "CDR
response reason".
"""

from app.archive.outcomes.words import Confidence, Name

NORMAL = (0, 200)  # 0 stands with the phrase BYE for a normal end
_FAILED_FROM, _FAILED_BEFORE = 500, 600
_REFUSED_FROM, _REFUSED_BEFORE = 400, 700

_KNOWN: dict[int, Name] = {
    486: "busy",
    600: "busy",
    480: "not_answered",
    408: "not_answered",
    487: "cancelled",
    603: "declined",
    404: "failed",
    484: "failed",
    604: "failed",
}


def outcome(code: int | None) -> tuple[Name, Confidence] | None:
    """None for a code that says nothing of the end of the call."""
    if code is None:
        return None
    if name := _KNOWN.get(code):
        return name, "high"
    if _FAILED_FROM <= code < _FAILED_BEFORE:
        return "failed", "high"
    # 403 is mostly a policy; of the others it is only known that the call was refused.
    return ("failed", "medium") if _REFUSED_FROM <= code < _REFUSED_BEFORE else None
