"""Requests to Graph about subscriptions, and their answers."""

from datetime import UTC, datetime
from typing import Any

from app.graph import times
from app.graph.errors import BadResponse, NotFound
from app.graph.parts import Subscription
from app.graph.transport import answers
from app.graph.transport.exchange import Exchange
from app.graph.transport.links import segment
from app.graph.transport.paging import Astray, Pages

COLLECTION = "subscriptions"
_RESOURCE = "/communications/callRecords"
# "updated" also announces a record's first version; "created" beside it would announce that one twice.
# https://learn.microsoft.com/graph/changenotifications-for-callrecords
_CHANGE_TYPE = "updated"


async def list_all(pages: Pages, url: str) -> list[Subscription]:
    """Every subscription of this application in this tenant."""
    try:
        rows = [row async for page in pages.whole(url) for row in page]
    except Astray as astray:
        raise BadResponse(f"the list of subscriptions breaks off: {astray}") from astray
    return [_read(row) for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]


async def get(exchange: Exchange, url: str, subscription_id: str) -> Subscription | None:
    """One subscription; None if it no longer exists."""
    try:
        row, _ = await exchange.get("subscription", _one(url, subscription_id), "")
    except NotFound:
        return None
    if not isinstance(row.get("id"), str):
        raise BadResponse("Graph's answer is not a subscription with an id")
    return _read(row)


async def create(
    exchange: Exchange,
    url: str,
    *,
    notification_url: str,
    lifecycle_url: str,
    client_state: str,
    expires: datetime,
) -> Subscription:
    """The new subscription, with the expiry Graph gave it."""
    # https://learn.microsoft.com/graph/api/subscription-post-subscriptions
    body = {
        "changeType": _CHANGE_TYPE,
        "resource": _RESOURCE,
        "notificationUrl": notification_url,
        "lifecycleNotificationUrl": lifecycle_url,
        "clientState": client_state,
        "expirationDateTime": times.written(expires),
        "latestSupportedTlsVersion": "v1_2",
    }
    return await _sent(exchange, "create_subscription", "POST", url, body)


async def renew(exchange: Exchange, url: str, subscription_id: str, expires: datetime) -> Subscription:
    """The subscription, with the expiry Graph gave it; NotFound if it no longer exists."""
    body = {"expirationDateTime": times.written(expires)}
    return await _sent(exchange, "renew_subscription", "PATCH", _one(url, subscription_id), body)


async def delete(exchange: Exchange, url: str, subscription_id: str) -> None:
    """Succeeds also if it no longer exists."""
    try:
        await exchange.send("delete_subscription", "DELETE", _one(url, subscription_id), "")
    except NotFound:
        return


async def _sent(exchange: Exchange, operation: str, method: str, url: str, body: dict[str, Any]) -> Subscription:
    row = answers.document(await exchange.send(operation, method, url, "", body))
    if not isinstance(row.get("id"), str) or times.read(row.get("expirationDateTime")) is None:
        raise BadResponse("Graph's answer is not a subscription with an id and an expiry")
    return _read(row)


def _one(url: str, subscription_id: str) -> str:
    return f"{url}/{segment(subscription_id)}"


def _read(row: dict[str, Any]) -> Subscription:
    return Subscription(
        id=row["id"],
        resource=_text(row, "resource") or "",
        change_type=_text(row, "changeType") or "",
        notification_url=_text(row, "notificationUrl") or "",
        lifecycle_url=_text(row, "lifecycleNotificationUrl"),
        # A subscription with an unreadable expiry counts as expired: one renewal too many does no harm.
        expires=times.read(row.get("expirationDateTime")) or datetime.fromtimestamp(0, UTC),
        application_id=_text(row, "applicationId"),
        client_state=_text(row, "clientState"),
    )


def _text(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    return value if isinstance(value, str) else None
