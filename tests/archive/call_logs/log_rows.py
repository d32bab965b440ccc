"""Rows of both logs as Graph writes them, all people and numbers invented."""

from datetime import UTC, datetime

from app.archive.parse.call_logs.row import parsed

TENANT = "00000000-0000-4000-8000-0000000000aa"
NOW = datetime(2026, 3, 3, tzinfo=UTC)
CALL = "3f1d7a66-0c52-4b0e-8e6f-2a9b54c7d010"
USER = "0d9f4c18-2f7b-4a55-9a3e-1b6c8e7f5a21"

PSTN = {
    "id": "5b0c2e4a-91d7-4f36-8c1e-7a2f60d9b113",
    "callId": "902113377_44120981@203.0.113.20",
    "userId": USER,
    "userPrincipalName": "Mira.Holm@fabrikam.example",
    "userDisplayName": "Mira Holm",
    "startDateTime": "2026-03-02T08:14:09.4417310Z",
    "endDateTime": "2026-03-02T08:16:50.4417310Z",
    "duration": 161,
    "charge": 0.04,
    "callType": "user_out",
    "currency": "EUR",
    "calleeNumber": "+49301230***",
    "usageCountryCode": "DE",
    "tenantCountryCode": "DE",
    "connectionCharge": 0.00,
    "callerNumber": "+49301239900",
    "destinationContext": "Domestic",
    "destinationName": "Germany",
    "conferenceId": None,
    "licenseCapability": "MCOPSTN5",
    "inventoryType": "Subscriber",
    "operator": "Microsoft",
    "callDurationSource": "microsoft",
}
DIRECT_ROUTING = {
    "id": "c7a15d20-6e0b-5f18-b2a4-93c1d8e07f44",
    "correlationId": CALL,
    "userId": None,
    "userPrincipalName": "hotline@fabrikam.example",
    "userDisplayName": "Hotline_AA",
    "inviteDateTime": "2026-03-02T09:00:01.112Z",
    "startDateTime": "2026-03-02T09:00:02.020Z",
    "failureDateTime": "0001-01-01T00:00:00Z",
    "endDateTime": "2026-03-02T09:04:40.733Z",
    "duration": 279,
    "callType": "ByotInUcap",
    "successfulCall": True,
    "callerNumber": "+45701122***",
    "calleeNumber": "+4533004400",
    "mediaPathLocation": "EUNO",
    "signalingLocation": "EUNO",
    "finalSipCode": 0,
    "callEndSubReason": 540000,
    "finalSipCodePhrase": "BYE",
    "trunkFullyQualifiedDomainName": "SBC1.fabrikam.example",
    "mediaBypassEnabled": False,
}
REFUSED = {
    "id": "11e8f0b3-77c9-5a02-9d3a-5e4b1c60a9f2",
    "correlationId": "a84c0f9e-5d11-4f7a-b7c8-60e3d2f1b9aa",
    "startDateTime": "2026-03-02T09:10:00.5Z",
    "inviteDateTime": "2026-03-02T09:10:00.5Z",
    "failureDateTime": "2026-03-02T09:10:03.9Z",
    "endDateTime": None,
    "duration": 3,
    "callType": "ByotOut",
    "successfulCall": False,
    "callerNumber": "+4533004417",
    "calleeNumber": "Reception",
    "finalSipCode": 403,
    "callEndSubReason": 560403,
    "finalSipCodePhrase": "Forbidden",
    "trunkFullyQualifiedDomainName": "sbc1.fabrikam.example",
    "mediaBypassEnabled": True,
}


def pstn(**changes):
    return parsed(TENANT, "pstn", PSTN | changes, NOW)


def direct_routing(item=DIRECT_ROUTING, **changes):
    return parsed(TENANT, "direct_routing", item | changes, NOW)
