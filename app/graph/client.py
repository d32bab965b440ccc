"""GraphClient: every request that Callkeeper makes to Microsoft Graph in one tenant."""

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime

import anyio

from app.graph import subscriptions
from app.graph.call_logs import functions
from app.graph.parts import Listed, Part, Subscription
from app.graph.records import listing
from app.graph.records.expand import Expand
from app.graph.records.record import COLLECTION, Reading
from app.graph.records.record_document import Read
from app.graph.transport import http_client
from app.graph.transport.exchange import Exchange, LargeAnswers, Observe, Pacing
from app.graph.transport.links import Links, segment
from app.graph.transport.paging import MOST_PAGES, Pages, Sleep
from app.graph.transport.spacing import Spacing
from app.ids import CallId, TenantId
from app.observability.tracing import OFF, Tracing

__all__ = ["GraphClient", "Listed", "Observe", "Pacing", "Part", "Read", "Subscription"]


class GraphClient:
    """Every failure of Graph or the network is raised as an error of `app.graph.errors`, and as no other."""

    def __init__(
        self,
        *,
        http: http_client.Http,
        auth: http_client.Auth,
        root: str,
        version: str,
        tenant_id: TenantId,
        pace: Pacing,
        observe: Observe | None = None,
        sleep: Sleep = anyio.sleep,
        expand: Expand | None = None,
        lists: Spacing | None = None,
        most_pages: int = MOST_PAGES,
        tracing: Tracing = OFF,
        large: LargeAnswers | None = None,
        log_paces: Mapping[str, Pacing] | None = None,
    ) -> None:
        """``most_pages``: of one list or one record; more are cut off. ``log_paces``: of each log of calls, by its
        name: Graph throttles the functions of the logs apart from call records.
        """
        self.tenant_id = tenant_id
        self._base = f"{root.rstrip('/')}/{version}"
        self._subscriptions = f"{self._base}/{subscriptions.COLLECTION}"
        self._exchange = Exchange(http=http, auth=auth, pace=pace, observe=observe, tracing=tracing, large=large)
        paces = log_paces or dict.fromkeys(functions.FUNCTIONS, pace)
        self._logs = {
            kind: Exchange(http=http, auth=auth, pace=its_pace, observe=observe, tracing=tracing)
            for kind, its_pace in paces.items()
        }
        self._expand = expand or Expand()
        self._lists = lists or Spacing()
        self._sleep = sleep
        self._most_pages = most_pages

    def call_record(self, call_id: CallId, read: Read | None = None) -> AsyncGenerator[Part, None]:
        """The record's parts in Graph's order; ValueError for an id that is not valid in a URL.

        ``read`` is given the bytes of an answer that may be complete, before they are parsed.
        """
        reading = Reading(
            self._exchange,
            self._expand,
            base=self._base,
            call_id=segment(call_id),
            sleep=self._sleep,
            most_pages=self._most_pages,
            read=read,
        )
        return reading.parts()

    def call_records(self, since: datetime, until: datetime | None = None) -> AsyncGenerator[list[Listed], None]:
        """Pages of the records whose call started in [since, until), in no promised order; Graph keeps 30 days."""
        pages = self._pages(COLLECTION, operation="call_records", scope="list")
        return listing.listed(pages, listing.address(self._base, since, until))

    def call_log(self, kind: str, since: datetime, until: datetime) -> AsyncGenerator[functions.Rows, None]:
        """Pages of the rows of a log (``pstn``, ``direct_routing``) for calls that started in [since, until), and
        perhaps of the second after it, in no promised order. Refused with 400 or 406: ask for a shorter time.
        """
        links, operation = Links(self._base, COLLECTION), f"{kind}_log"
        exchange, most = self._logs[kind], self._most_pages
        pages = Pages(exchange, links, operation=operation, scope="", sleep=self._sleep, most=most)
        return functions.rows(pages, functions.address(self._base, kind, since, until), operation)

    async def subscriptions(self) -> list[Subscription]:
        """Every subscription of this application in this tenant, including those to other resources.

        Waits for its turn among the lists of all tenants: use `subscription` where the id is known.
        """
        await self._lists.turn()
        pages = self._pages(subscriptions.COLLECTION, operation="subscriptions", scope="")
        return await subscriptions.list_all(pages, self._subscriptions)

    async def subscription(self, subscription_id: str) -> Subscription | None:
        """One subscription by its id; None if it no longer exists."""
        return await subscriptions.get(self._exchange, self._subscriptions, subscription_id)

    async def create_subscription(
        self, *, notification_url: str, lifecycle_url: str, client_state: str, expires: datetime
    ) -> Subscription:
        """Graph calls both URLs before it answers; the expiry returned is the one that counts."""
        return await subscriptions.create(
            self._exchange,
            self._subscriptions,
            notification_url=notification_url,
            lifecycle_url=lifecycle_url,
            client_state=client_state,
            expires=expires,
        )

    async def renew_subscription(self, subscription_id: str, expires: datetime) -> Subscription:
        """The expiry returned is the one that counts; NotFound if the subscription no longer exists."""
        return await subscriptions.renew(self._exchange, self._subscriptions, subscription_id, expires)

    async def delete_subscription(self, subscription_id: str) -> None:
        """Succeeds also if it no longer exists."""
        await subscriptions.delete(self._exchange, self._subscriptions, subscription_id)

    def _pages(self, collection: str, *, operation: str, scope: str) -> Pages:
        links = Links(self._base, collection)
        return Pages(self._exchange, links, operation=operation, scope=scope, sleep=self._sleep, most=self._most_pages)
