"""Short ways to write a call through voice apps, a telephone call and rows of the logs."""

from datetime import UTC, datetime, timedelta

from app.archive.outcomes.evidence import LogEvidence
from app.archive.outcomes.facts import End, Facts, Leg
from app.archive.outcomes.judge import judged

OWN, OTHER = "00000000-0000-4000-8000-00000000aaaa", "00000000-0000-4000-8000-00000000bbbb"
BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)

NUMBER = End("phone", "+4915555501234")
ADA = End("user", "ada", "Ada", OWN, has_client=True)
BEN = End("user", "ben", "Ben", OWN, has_client=True)
CLEO = End("user", "cleo", "Cleo", OTHER, has_client=True)
SERVICE = End(role="unknown", is_service=True)
GATEWAY = End(role="gateway", is_service=True)
VOICEMAIL = End("user", "ada", "Ada", OWN, role="voicemail", is_service=True)
ATTENDANT = End("user", "attendant", None, OWN, role="skypeForBusinessAutoAttendant", is_service=True)
QUEUE = End("user", "queue", None, OWN, role="skypeForBusinessCallQueues", is_service=True)
SECOND_QUEUE = QUEUE._replace(id="second queue")
SILENT = End("user", "silent", None, OWN)  # a resource account without a role


def leg(begin, end, caller=NUMBER, callee=ATTENDANT, failure=None):
    """A session between these seconds of the call; None for a time that is not known."""
    times = [None if at is None else BEGAN + timedelta(seconds=at) for at in (begin, end)]
    return Leg(*times, caller, callee, failure)


def rang(at, agent=ADA):
    return leg(at, at, agent, SERVICE, "callSetup")


def talked(begin, end, agent=BEN):
    return leg(begin, end, agent, SERVICE)


def a_queue_call(*legs, **facts):
    """A call from a number whose organizer is that number."""
    return Facts(
        **{"tenant_id": OWN, "type": "groupCall", "modified": BEGAN, "organizer": NUMBER, "legs": legs} | facts
    )


def a_direct_call(*legs, **facts):
    """A call of two clients; with packets, unless something else is said."""
    usual = {"has_media": True, "has_packets": True, "organizer": ADA, "participants": (ADA, BEN)}
    return a_queue_call(*(legs or [leg(0, 60, ADA, BEN)]), **{"type": "peerToPeer", **usual} | facts)


def silent(*legs, **facts):
    """A direct call without media."""
    return a_direct_call(*legs, has_media=False, has_packets=False, **facts)


def direct_routing(code=0, *, success=False, call_type="ByotIn", **more):
    return LogEvidence(kind="direct_routing", call_type=call_type, success=success, final_sip_code=code, **more)


def pstn(duration=161, *, call_type="user_in", **more):
    return LogEvidence(kind="pstn", call_type=call_type, duration=duration, **more)


def outcome(facts, *rows, apps=None):
    """Outcome, basis and confidence."""
    return judged(facts, apps or {}, rows).verdict[:3]
