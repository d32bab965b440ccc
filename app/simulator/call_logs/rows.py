"""Invented rows of both logs, in every form that Graph is known to return; repeatable by seed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.simulator.call_logs.store import PSTN, Row
from app.simulator.samples.random_values import guid, stamp, words

NEVER = "0001-01-01T00:00:00Z"
PSTN_TYPES = words(
    "user_in user_out user_out_conf user_out_transfer user_out_forwarding conf_in conf_out ucap_in ucap_out"
    " unassigned_in oc_ucap_in oc_user_in oc_user_out"
)
BOTS = {"ucap_in", "ucap_out", "unassigned_in"}
DIRECT_ROUTING_TYPES = words("ByotIn ByotOut ByotInUcap ByotOutUserTransfer ByotOutUserForwarding")
# SIP code, Microsoft's subcode, phrase: 560xxx is the answer of the customer's own SBC.
REFUSALS = (
    (486, 560486, "Busy Here"),
    (480, 560480, "Temporarily Unavailable"),
    (487, 540487, "Request Terminated"),
    (404, 511404, "Not Found"),
    (403, 560403, "Forbidden"),
    (503, 560503, "Service Unavailable"),
    (603, 10603, "Decline"),
)
ODD_NUMBERS = ("Reception", "Internal Revenue Service", "+1001", "+4930555000;ext=12", "anonymous")
OUTSIDE, OURS = "+4930123", "+4930555"


def rows(kind: str, count: int, since: datetime, span: timedelta, seed: int = 0) -> Iterator[Row]:
    """`count` rows of all types one after another, at equal distances from `since` on."""
    rng = Random(f"{kind} {seed}")
    for number in range(count):
        start = since + span * number / count
        if kind == PSTN:
            yield pstn_row(rng, start, PSTN_TYPES[number % len(PSTN_TYPES)])
        else:
            call_type = DIRECT_ROUTING_TYPES[number % len(DIRECT_ROUTING_TYPES)]
            refusal = REFUSALS[number % len(REFUSALS)] if number % 6 == 5 else None
            odd: dict[str, Any] = {"calleeNumber": ODD_NUMBERS[number % len(ODD_NUMBERS)]} if number % 11 == 10 else {}
            yield direct_routing_row(rng, start, call_type, refusal=refusal, **odd)


def pstn_row(rng: Random, start: datetime, call_type: str, **changes: Any) -> Row:
    seconds = rng.choice((0, rng.randrange(5, 3000)))
    is_operator, is_bot = call_type.startswith("oc_"), call_type.removeprefix("oc_") in BOTS
    is_out = "out" in call_type
    outside, ours = masked(number(rng, OUTSIDE)), number(rng, OURS)
    return {
        "id": guid(rng),
        "callId": guid(rng) if is_operator else sip_call_id(rng),
        "userId": None if is_bot else guid(rng),
        "userPrincipalName": None if is_bot else "someone@contoso.example",
        "userDisplayName": None if is_bot else "Someone",
        "startDateTime": stamp(start, rng),
        "endDateTime": stamp(start + timedelta(seconds=seconds), rng),
        "duration": seconds,
        "charge": rng.choice((0, 0.0125 * (seconds // 60))),
        "callType": call_type,
        "currency": "EUR",
        "calleeNumber": outside if is_out else ours,
        "callerNumber": ours if is_out else outside,
        "usageCountryCode": "DE",
        "tenantCountryCode": "DE",
        "connectionCharge": 0.00,
        "destinationContext": "Domestic" if is_out else None,
        "destinationName": "Germany" if is_out else None,
        "conferenceId": guid(rng) if "conf" in call_type else None,
        "licenseCapability": rng.choice(("MCOPSTN1", "MCOPSTN5", "FREECALL")),
        "inventoryType": "Subscriber",
        "operator": "Invented Telecom" if is_operator else "Microsoft",
        "callDurationSource": "operator" if is_operator else "microsoft",
    } | changes


def direct_routing_row(
    rng: Random,
    start: datetime,
    call_type: str,
    *,
    refusal: tuple[int, int, str] | None = None,
    seconds: int | None = None,
    trunk: str = "sbc1.contoso.example",
    **changes: Any,
) -> Row:
    """`start` is that of talking; a refused call ends when it failed, and has no other end."""
    rang = timedelta(milliseconds=rng.randrange(400, 6000))
    span = timedelta(seconds=rng.randrange(5, 3000) if seconds is None else seconds)
    invite, end = start - rang, start + span
    code, reason, phrase = refusal or (0, 540000, "BYE")
    is_out = "Out" in call_type
    outside, ours = masked(number(rng, OUTSIDE)), number(rng, OURS)
    is_bot = call_type.endswith("Ucap")
    return {
        "id": guid(rng),
        "correlationId": guid(rng),
        "userId": None if is_bot else guid(rng),
        "userPrincipalName": "hotline@contoso.example" if is_bot else "someone@contoso.example",
        "userDisplayName": "Hotline_AA" if is_bot else "Someone",
        "inviteDateTime": stamp(invite, rng),
        "startDateTime": stamp(invite if refusal else start, rng),
        "failureDateTime": stamp(invite + rang, rng) if refusal else NEVER,
        "endDateTime": (None if rng.random() < 0.5 else NEVER) if refusal else stamp(end, rng),
        "duration": int((rang if refusal else end - invite).total_seconds()),
        "callType": call_type,
        "successfulCall": refusal is None,
        "callerNumber": ours if is_out else outside,
        "calleeNumber": outside if is_out else ours,
        "mediaPathLocation": "EUNO",
        "signalingLocation": "EUNO",
        "finalSipCode": code,
        "callEndSubReason": reason,
        "finalSipCodePhrase": phrase,
        "trunkFullyQualifiedDomainName": trunk,
        "mediaBypassEnabled": False,
    } | changes


def masked(given: str, digits: int = 3) -> str:
    return given[:-digits] + "*" * digits


def number(rng: Random, prefix: str) -> str:
    return f"{prefix}{rng.randrange(10**4):04d}"


def sip_call_id(rng: Random) -> str:
    return f"{rng.randrange(10**9)}_{rng.randrange(10**8)}@203.0.113.{rng.randrange(1, 250)}"
