"""The subscriptions to call records at Graph, during one pass over one tenant: listed at most once."""

from app.graph.client import Subscription
from app.subscriptions.graph import Client, is_to_call_records


class AtGraph:
    """Made for one pass. A list counts against a rate that all tenants share; a single subscription does not."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._listed: list[Subscription] | None = None

    async def all(self) -> list[Subscription]:
        """Those of this application in this tenant; the second call repeats the answer of the first."""
        if self._listed is None:
            self._listed = [one for one in await self._client.subscriptions() if is_to_call_records(one)]
        return self._listed

    async def only(self, subscription_id: str) -> list[Subscription]:
        """That one, or none where Graph does not have it."""
        one = await self._client.subscription(subscription_id)
        return [one] if one is not None and is_to_call_records(one) else []
