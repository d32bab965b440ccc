"""A subscription, and the rules by which Graph accepts or refuses its properties."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from app.simulator.errors import GraphError, bad_request
from app.simulator.settings import Settings

RESOURCE = re.compile(r"/?communications/callRecords/?(\?\$filter=participants/any\(.+\))?", re.IGNORECASE)
NO_SOONER = timedelta(hours=1)  # longer subscriptions need a lifecycle URL
UPDATABLE = {"expirationDateTime", "notificationUrl"}
LONGEST_CLIENT_STATE = 128


@dataclass(slots=True)
class Subscription:
    id: str
    tenant_id: str
    client_id: str
    change_types: frozenset[str]
    requested: dict[str, Any]  # the body of the create request, which Graph returns
    notification_url: str
    lifecycle_url: str | None
    client_state: str | None
    expires: datetime
    seen: set[str] = field(default_factory=set)  # ids of calls for which a notification was created
    patched_at: datetime | None = None
    reauthorized_at: datetime | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """The combination that may exist only once."""
        resource = str(self.requested["resource"]).strip("/").lower()
        return (self.tenant_id, self.client_id, self.change_types, resource)

    def wants(self, participant_ids: frozenset[str]) -> bool:
        _, _, filtered = str(self.requested["resource"]).partition("?")
        return not filtered or any(each in participant_ids for each in re.findall(r"'([^']+)'", filtered))

    def body(self, *, client_state: bool) -> dict[str, Any]:
        """Graph returns the client state only in the response to the create request."""
        return {
            "id": self.id,
            "resource": self.requested["resource"],
            "applicationId": self.client_id,
            "changeType": self.requested["changeType"],
            "clientState": self.client_state if client_state else None,
            "notificationUrl": self.notification_url,
            "notificationQueryOptions": None,
            "lifecycleNotificationUrl": self.lifecycle_url,
            "expirationDateTime": graph_time(self.expires),
            "creatorId": self.client_id,
            "includeResourceData": None,
            "latestSupportedTlsVersion": self.requested.get("latestSupportedTlsVersion", "v1_2"),
            "encryptionCertificate": None,
            "encryptionCertificateId": None,
            "notificationUrlAppId": None,
            "notificationContentType": None,
        }


def read_creation(body: dict[str, Any], *, now: datetime, settings: Settings) -> dict[str, Any]:
    """The body's values as keywords of Subscription, or GraphError 400."""
    for name in ("changeType", "resource", "notificationUrl", "expirationDateTime"):
        if not isinstance(body.get(name), str):
            raise bad_request(f"The property '{name}' is required.", "InvalidRequest")
    if not RESOURCE.fullmatch(body["resource"]):
        raise bad_request(f"Resource '{body['resource']}' is not supported.", "InvalidRequest")
    expires = read_expiry(body["expirationDateTime"], now=now, settings=settings)
    check_lifecycle(body, expires - now)
    return {
        "change_types": read_change_types(body["changeType"]),
        "requested": body,
        "notification_url": read_url(body["notificationUrl"], "notificationUrl"),
        "lifecycle_url": body.get("lifecycleNotificationUrl"),
        "client_state": read_client_state(body.get("clientState")),
        "expires": expires,
    }


def read_change_types(text: str) -> frozenset[str]:
    types = frozenset(part.strip().lower() for part in text.split(","))
    if not types or types - {"created", "updated"}:
        raise bad_request(f"The changeType '{text}' is not supported for this resource.", "InvalidRequest")
    return types


def check_lifecycle(body: dict[str, Any], ahead: timedelta) -> None:
    if body.get("includeResourceData"):
        raise bad_request("Resource data is not supported for this resource.", "InvalidRequest")
    url = body.get("lifecycleNotificationUrl")
    if url is not None:
        read_url(url, "lifecycleNotificationUrl")
    elif ahead > NO_SOONER:
        text = (
            "lifecycleNotificationUrl is a required property for subscription creation on this resource when "
            "the expirationDateTime value is set to greater than 1 hour"
        )
        raise bad_request(text, "InvalidRequest")


def read_client_state(value: object) -> str | None:
    if value is None or (isinstance(value, str) and len(value) <= LONGEST_CLIENT_STATE):
        return value
    raise bad_request("clientState is a string of at most 128 characters.", "InvalidRequest")


def read_expiry(text: object, *, now: datetime, settings: Settings) -> datetime:
    """A too late time is refused; a too early time is replaced without an error."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise bad_request(f"expirationDateTime '{text}' is not a date and time.", "InvalidRequest") from error
    expires = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    longest = settings.longest_subscription_min
    if expires > now + timedelta(minutes=longest):
        text = f"Subscription expiration can only be {longest:.0f} minutes in the future."
        raise bad_request(text, "InvalidRequest")
    if expires <= now:
        raise bad_request("The expirationDateTime must be in the future.", "InvalidRequest")
    return max(expires, now + timedelta(minutes=settings.shortest_subscription_min))


def read_url(value: object, name: str) -> str:
    """An https URL, or http to a loopback address only."""
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or not parts.hostname or parts.scheme not in ("https", "http"):
        raise refused_url(name, value)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise refused_url(name, value)
    return str(value)


def refused_url(name: str, value: object) -> GraphError:
    return bad_request(f"The {name} '{value}' must be an https URL.", "InvalidRequest")


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def graph_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
