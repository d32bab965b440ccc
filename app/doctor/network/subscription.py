"""Checks that Graph notifies us: the subscription in our database compared with the one at Graph. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.doctor.finding import Check, failed, ok, warning
from app.doctor.network.graph import AtGraph
from app.graph.client import Subscription
from app.ids import TenantId
from app.settings.units import describe_duration
from app.subscriptions.graph import Urls

NAME = "subscription"
NEAR = timedelta(hours=24)  # renewal starts 48 hours before the expiry: a day later it has failed many times
_ENSURE = "run `callkeeper subscriptions ensure` and see what it says"
_RENEW = f"{_ENSURE}; then keep `serve` running without --no-renewal, or run ensure from cron"


@dataclass(frozen=True, slots=True)
class Ours:
    """The tenant's newest subscription in our database that has not ended."""

    subscription_id: str
    expires_at: datetime


def check(  # noqa: PLR0911 -- one line for each case
    ours: Ours | None, at_graph: AtGraph, problem: str | None, urls: Urls, now: datetime, tenant_id: TenantId
) -> Check:
    """``problem`` is the error of the last attempt to create or renew it."""
    last_attempt = f" (last attempt: {problem})" if problem else ""
    if ours is None:
        return failed(NAME, _none(at_graph, urls) + last_attempt, _ENSURE, tenant_id)
    if ours.expires_at <= now:
        age = describe_duration(now - ours.expires_at)
        return failed(NAME, f"it expired {age} ago{last_attempt}", _RENEW, tenant_id)
    if at_graph is None:
        found = f"live until {ours.expires_at:%Y-%m-%d %H:%M} UTC according to the database; Graph could not be asked"
        return warning(NAME, found, "fix the failures above, which prevent requests to Graph", tenant_id)
    same = next((one for one in at_graph if one.id == ours.subscription_id), None)
    if same is None:
        found = f"Graph does not know our subscription {ours.subscription_id}{last_attempt}"
        return failed(NAME, found, f"{_ENSURE}: it creates a new one, and a sweep finds missed calls", tenant_id)
    if other := _other_address(same, urls):
        found = f"Graph notifies {other}, but PUBLIC_URL is another address"
        return failed(NAME, found, f"correct PUBLIC_URL, or {_ENSURE}: it creates one for the new address", tenant_id)
    if same.expires <= now:
        age = describe_duration(now - same.expires)
        return failed(NAME, f"at Graph it expired {age} ago{last_attempt}", _RENEW, tenant_id)
    left = f"{describe_duration(same.expires - now)} left, until {same.expires:%Y-%m-%d %H:%M} UTC"
    if same.expires - now < NEAR:
        return warning(NAME, f"live, but it is not renewed: {left}{last_attempt}", _RENEW, tenant_id)
    if problem:
        return warning(NAME, f"live, {left}, but the last attempt to renew it failed: {problem}", _ENSURE, tenant_id)
    return ok(NAME, f"live at Graph, {left}", tenant_id)


def _none(at_graph: AtGraph, urls: Urls) -> str:
    if any(one.notification_url == urls.notification for one in at_graph or ()):
        return "Graph has one for PUBLIC_URL that is not in this database: its notifications are ignored"
    return "there is none: Graph does not notify us"


def _other_address(at_graph: Subscription, urls: Urls) -> str | None:
    if at_graph.notification_url != urls.notification:
        return at_graph.notification_url.partition("?")[0]
    if at_graph.lifecycle_url is not None and at_graph.lifecycle_url != urls.lifecycle:
        return at_graph.lifecycle_url.partition("?")[0]
    return None
