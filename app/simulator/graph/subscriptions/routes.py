"""The subscription routes. The validation handshake takes place while the create request is open."""

from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
from aiohttp import web

from app.simulator.errors import GraphError, bad_request, json_response
from app.simulator.graph import odata
from app.simulator.graph.access import ROLE, caller_of
from app.simulator.graph.paging import next_link, read_slice
from app.simulator.graph.subscriptions.handshake import validate
from app.simulator.graph.subscriptions.subscription import UPDATABLE, Subscription, read_creation, read_expiry, read_url
from app.simulator.world import World

ROOT = r"/{version:v1\.0|beta}/subscriptions"


class SubscriptionRoutes:
    def __init__(self, world: World) -> None:
        self.world = world

    def table(self) -> list[web.RouteDef]:
        one = ROOT + "/{subscription_id}"
        return [
            web.post(ROOT, self.create),
            web.get(ROOT, self.all),
            web.get(one, self.one),
            web.patch(one, self.update),
            web.post(one + "/reauthorize", self.reauthorize),
            web.delete(one, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Both URLs are validated before the permission is checked, as Graph does for call records."""
        caller = caller_of(request)
        values = read_creation(await read_body(request), now=self.world.now(), settings=self.world.settings)
        await self.validate(values["notification_url"])
        if values["lifecycle_url"]:
            await self.validate(values["lifecycle_url"])
        require_consent(request)
        new = Subscription(id=str(uuid4()), tenant_id=caller.tenant_id, client_id=caller.client_id, **values)
        self.world.subscriptions.add(new)
        return self.answer(request, new, client_state=True, status=HTTPStatus.CREATED)

    async def all(self, request: web.Request) -> web.Response:
        caller = caller_of(request)
        own = [one for one in self.world.subscriptions.live(caller.tenant_id) if one.client_id == caller.client_id]
        prefer = odata.read_prefer(request.headers.getall("Prefer", []))
        page = read_slice(request.query.get("$skiptoken"), prefer, self.world.settings.subscription_page)
        body: dict[str, Any] = {
            "@odata.context": self.context(request),
            "value": [one.body(client_state=False) for one in page.of(own)],
        }
        if (position := page.follows(own)) is not None:
            body["@odata.nextLink"] = next_link(request.url, position, page.size)
        return json_response(body)

    async def one(self, request: web.Request) -> web.Response:
        return self.answer(request, self.find(request), client_state=False)

    async def update(self, request: web.Request) -> web.Response:
        one = self.find(request)
        body = await read_body(request)
        if not body or set(body) - UPDATABLE:
            raise bad_request("Only expirationDateTime and notificationUrl can be updated.", "InvalidRequest")
        expires = url = None
        if "expirationDateTime" in body:
            expires = read_expiry(body["expirationDateTime"], now=self.world.now(), settings=self.world.settings)
        if "notificationUrl" in body:
            url = read_url(body["notificationUrl"], "notificationUrl")
        await self.validate_again(one, url)
        require_consent(request)
        self.world.subscriptions.renew(one, expires, url)
        return self.answer(request, one, client_state=False)

    async def validate_again(self, one: Subscription, url: str | None) -> None:
        """Validate a changed URL, and with `validate_renewals` unchanged URLs too, as was observed in production."""
        if self.world.settings.validate_renewals:
            await self.validate(url or one.notification_url)
            if one.lifecycle_url:
                await self.validate(one.lifecycle_url)
        elif url not in (None, one.notification_url):
            await self.validate(str(url))

    async def reauthorize(self, request: web.Request) -> web.Response:
        one = self.find(request)
        require_consent(request)
        self.world.subscriptions.reauthorize(one)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def delete(self, request: web.Request) -> web.Response:
        self.world.subscriptions.remove(self.find(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def validate(self, url: str) -> None:
        await validate(self.world.delivery.http, url, rng=self.world.rng, settings=self.world.settings)

    def find(self, request: web.Request) -> Subscription:
        caller = caller_of(request)
        wanted = request.match_info["subscription_id"].lower()
        return self.world.subscriptions.find(wanted, caller.tenant_id, caller.client_id)

    def answer(
        self, request: web.Request, one: Subscription, *, client_state: bool, status: int = HTTPStatus.OK
    ) -> web.Response:
        context = {"@odata.context": f"{self.context(request)}/$entity"}
        return json_response({**context, **one.body(client_state=client_state)}, status=status)

    def context(self, request: web.Request) -> str:
        return f"{request.url.origin()}/{request.match_info['version']}/$metadata#subscriptions"


async def read_body(request: web.Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise bad_request("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise bad_request("The body is not a JSON object.")
    return body


def require_consent(request: web.Request) -> None:
    if ROLE not in caller_of(request).roles:
        text = (
            "Operation: Create; Exception: [Status Code: Forbidden; Reason: The request is not authorized for "
            "this user or application.]"
        )
        raise GraphError(HTTPStatus.FORBIDDEN, "ExtensionError", text)
