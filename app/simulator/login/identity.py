"""Managed identity: the IMDS and App Service endpoints issue tokens for the default app."""

import time
from http import HTTPStatus

from aiohttp import web

from app.simulator.errors import json_response
from app.simulator.world import World


class IdentityRoutes:
    def __init__(self, world: World) -> None:
        self.world = world

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/metadata/identity/oauth2/token", self.imds),
            web.get("/msi/token", self.app_service),
        ]

    async def imds(self, request: web.Request) -> web.Response:
        if request.headers.get("Metadata", "").lower() != "true":
            return refusal("Required metadata header not specified.")
        return self.answer(request)

    async def app_service(self, request: web.Request) -> web.Response:
        if request.headers.get("X-IDENTITY-HEADER") != self.world.directory.identity_header:
            return refusal("The identity header is missing or wrong.", HTTPStatus.UNAUTHORIZED)
        return self.answer(request)

    def answer(self, request: web.Request) -> web.Response:
        directory, settings = self.world.directory, self.world.settings
        resource = request.query.get("resource", "")
        wanted = request.query.get("client_id", directory.app.client_id)
        if resource not in self.world.mint.audiences:
            return refusal(f"The resource {resource} was not found; a scope with /.default is not a resource.")
        if wanted not in directory.apps:
            return refusal("Identity not found.")
        issuer = f"https://sts.windows.net/{directory.tenant.id}/"
        token = self.world.issue_token(directory.tenant.id, wanted, resource, issuer)
        expires = int(time.time()) + settings.token_lifetime_s
        times = {"expires_in": str(settings.token_lifetime_s), "expires_on": str(expires)}
        return json_response({"access_token": token, "resource": resource, "token_type": "Bearer", **times})


def refusal(text: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> web.Response:
    return json_response({"error": "invalid_request", "error_description": text}, status=status)
