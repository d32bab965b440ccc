"""Graph's rows of the PSTN log and of the Direct Routing log as data, as ``graph_types`` has those of call records.

Sources: https://learn.microsoft.com/graph/api/resources/callrecords-pstncalllogrow and
https://learn.microsoft.com/graph/api/resources/callrecords-directroutinglogrow
"""

from app.archive.schema.graph_types import Kind, named, shape

PSTN, DIRECT_ROUTING = "pstn", "direct_routing"
KINDS = (PSTN, DIRECT_ROUTING)

# The admin center has so many days of each log, and Graph documents no limit:
# https://learn.microsoft.com/microsoftteams/teams-analytics-and-reports/pstn-usage-report
REACH_DAYS = {PSTN: 365, DIRECT_ROUTING: 150}

BOTH = shape(
    text="userPrincipalName userDisplayName callType callerNumber calleeNumber",
    integer="duration",
)
PSTN_ROW = shape(
    text="callId conferenceId callDurationSource usageCountryCode tenantCountryCode currency destinationContext"
    " destinationName inventoryType licenseCapability operator",
)
DIRECT_ROUTING_ROW = (
    *shape(
        text="correlationId mediaPathLocation signalingLocation finalSipCodePhrase",
        integer="finalSipCode callEndSubReason",
        boolean="successfulCall mediaBypassEnabled",
    ),
    *named("trunkFullyQualifiedDomainName", "trunk"),
)
COLUMNS = (*BOTH, *PSTN_ROW, *DIRECT_ROUTING_ROW)
MOMENTS = (
    *named("startDateTime", "start_at", Kind.MOMENT),
    *named("inviteDateTime", "invite_at", Kind.MOMENT),
    *named("failureDateTime", "failure_at", Kind.MOMENT),
    *named("endDateTime", "end_at", Kind.MOMENT),
)
CHARGES = (*named("charge", "charge"), *named("connectionCharge", "connection_charge"))
