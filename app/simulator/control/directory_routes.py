"""Control routes for the login host: tenants, people and trusted credentials."""

from http import HTTPStatus

import orjson
from aiohttp import web

from app.simulator.control.access import Route
from app.simulator.login.people import Person
from app.simulator.world import World


class DirectoryRoutes:
    def __init__(self, world: World) -> None:
        self.directory = world.directory

    def table(self) -> list[Route]:
        return [
            ("POST", "/tenants", self.add_tenant),
            ("POST", "/people", self.add_person),
            ("POST", "/secrets", self.change_secrets),
            ("POST", "/certificates", self.add_certificate),
            ("POST", "/assertions", self.trust_assertion),
        ]

    async def add_tenant(self, request: web.Request) -> web.Response:
        """{"id", "domain"}: the default app has consent in this tenant too."""
        body = orjson.loads(await request.read())
        self.directory.add_tenant(body["id"].lower(), body.get("domain", f"{body['id']}.example"))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def add_person(self, request: web.Request) -> web.Response:
        """{"id", "name", "tenant_id", "roles"}: a person who may sign in; an existing id is replaced."""
        body = orjson.loads(await request.read())
        self.directory.add_person(Person(body["id"].lower(), body["name"], body["tenant_id"], tuple(body["roles"])))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def change_secrets(self, request: web.Request) -> web.Response:
        """A list that replaces the app's secrets, as a rotation does."""
        self.directory.app.secrets = {str(each) for each in orjson.loads(await request.read())}
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def add_certificate(self, request: web.Request) -> web.Response:
        """The body is the PEM itself."""
        self.directory.add_certificate(await request.read())
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def trust_assertion(self, request: web.Request) -> web.Response:
        """The body is the federated token itself."""
        self.directory.trust_assertion((await request.text()).strip())
        return web.Response(status=HTTPStatus.NO_CONTENT)
