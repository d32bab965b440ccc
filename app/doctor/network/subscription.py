"""Does Graph notify us? What we hold of the subscription beside what Graph holds; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.doctor.durations import span
from app.doctor.finding import Check, failed, ok, warning
from app.doctor.network.graph import Held
from app.graph.client import Subscription
from app.subscriptions.graph import Urls

NAME = "subscription"
NEAR = timedelta(hours=24)  # renewal begins 48 hours before the end: a day later it has failed for long
_ENSURE = "run `callkeeper subscriptions ensure` and see what it says"
_RENEW = f"{_ENSURE}; then keep `serve` running without --no-renewal, or ensure by cron"


@dataclass(frozen=True, slots=True)
class Ours:
    """The tenant's newest subscription that has not ended, as our database knows it."""

    subscription_id: str
    expires_at: datetime


def check(  # noqa: PLR0911 -- one line for each case
    ours: Ours | None, held: Held, problem: str | None, urls: Urls, now: datetime, tenant_id: str
) -> Check:
    """``held`` is None where Graph could not be asked; ``problem`` is what the last attempt ran into."""
    told = f" (last attempt: {problem})" if problem else ""
    if ours is None:
        return failed(NAME, _none(held, urls) + told, _ENSURE, tenant_id)
    if ours.expires_at <= now:
        return failed(NAME, f"it expired {span(now - ours.expires_at)} ago{told}", _RENEW, tenant_id)
    if held is None:
        found = f"live until {ours.expires_at:%Y-%m-%d %H:%M} UTC as far as we know; Graph could not be asked"
        return warning(NAME, found, "mend what keeps Graph from being asked: see the lines above", tenant_id)
    there = next((one for one in held if one.id == ours.subscription_id), None)
    if there is None:
        found = f"Graph does not know the subscription {ours.subscription_id} that we count on{told}"
        return failed(NAME, found, f"{_ENSURE}: it makes a new one, and what was missed is swept", tenant_id)
    if elsewhere := _elsewhere(there, urls):
        found = f"Graph notifies {elsewhere}, and PUBLIC_URL is another address"
        return failed(NAME, found, f"correct PUBLIC_URL, or {_ENSURE}: it makes one for the new address", tenant_id)
    if there.expires <= now:
        return failed(NAME, f"at Graph it expired {span(now - there.expires)} ago{told}", _RENEW, tenant_id)
    left = f"{span(there.expires - now)} left, until {there.expires:%Y-%m-%d %H:%M} UTC"
    if there.expires - now < NEAR:
        return warning(NAME, f"live, but it is not renewed: {left}{told}", _RENEW, tenant_id)
    if problem:
        return warning(NAME, f"live, {left}, but the last attempt to renew it failed: {problem}", _ENSURE, tenant_id)
    return ok(NAME, f"live at Graph, {left}", tenant_id)


def _none(held: Held, urls: Urls) -> str:
    if any(one.notification_url == urls.notification for one in held or ()):
        return "Graph holds one for PUBLIC_URL that this database does not know: what it sends is not believed"
    return "there is none: Graph tells us nothing"


def _elsewhere(there: Subscription, urls: Urls) -> str | None:
    if there.notification_url != urls.notification:
        return there.notification_url.partition("?")[0]
    if there.lifecycle_url is not None and there.lifecycle_url != urls.lifecycle:
        return there.lifecycle_url.partition("?")[0]
    return None
