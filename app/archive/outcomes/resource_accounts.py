"""Which ends of a session are auto attendants and call queues. Pure.

Graph writes their resource accounts as users without a name; the role or the user agent of the end says what they are,
and where it does not, a map of known resource accounts.
https://learn.microsoft.com/graph/api/resources/callrecords-serviceuseragent
"""

from app.archive.outcomes.facts import App, AppKind, Apps, End

_ROLES: dict[str, AppKind] = {
    "skypeforbusinessautoattendant": "auto_attendant",
    "skypeforbusinesscallqueues": "call_queue",
}
_HEADERS: tuple[tuple[str, AppKind], ...] = (("autoattendant", "auto_attendant"), ("callqueue", "call_queue"))
# https://learn.microsoft.com/microsoftteams/manage-resource-accounts#create-a-resource-account-in-powershell
_PROGRAMS: dict[str, AppKind] = {
    "ce933385-9390-45d1-9512-c8d228074e07": "auto_attendant",
    "11cd3e2e-fccb-42ad-ad00-878b93575e07": "call_queue",
}
VOICEMAIL = frozenset({"voicemail", "exchangeunifiedmessagingservice"})
GATEWAYS = frozenset({"mediationserver", "gateway"})


def said(end: End) -> AppKind | None:
    """What the record itself says of the end: by its role, its user agent or the id of Microsoft's program."""
    if kind := _ROLES.get((end.role or "").lower()):
        return kind
    header = (end.header or "").lower()
    return next((kind for word, kind in _HEADERS if word in header), None) or _PROGRAMS.get(end.id)


def kind(end: End, apps: Apps) -> AppKind | None:
    """None of any other end. What an administrator said of a resource account is right whatever the record says."""
    known: App | None = apps.get(end.id)
    return known.kind if known else said(end)


def is_program(end: End) -> bool:
    """Whether the id is that of Microsoft's program and not of one resource account."""
    return end.id in _PROGRAMS


def has_role(end: End, roles: frozenset[str]) -> bool:
    return (end.role or "").lower() in roles
