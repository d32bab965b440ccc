"""The routes of the login host: metadata, keys, and the token endpoint with Entra's errors."""

from hashlib import sha256
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from aiohttp import web

from app.simulator.errors import json_response
from app.simulator.login.assertions import proves
from app.simulator.login.authorize_routes import ANY_TENANT
from app.simulator.login.directory import App, Tenant
from app.simulator.login.entra_error import EntraError
from app.simulator.login.sign_ins import Grant
from app.simulator.world import World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class LoginRoutes:
    def __init__(self, world: World) -> None:
        self.world = world

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self.configuration),
            web.get("/{tenant}/discovery/v2.0/keys", self.keys),
            web.post("/{tenant}/oauth2/v2.0/token", self.token),
        ]

    async def configuration(self, request: web.Request) -> web.Response:
        try:
            tenant = self.tenant_or_any(request)
        except EntraError as error:
            return error.response()
        origin, name = str(request.url.origin()), tenant.id if tenant else ANY_TENANT
        base = f"{origin}/{name}"
        return json_response(
            {
                "issuer": f"{origin}/{tenant.id if tenant else '{tenantid}'}/v2.0",
                "authorization_endpoint": f"{self.world.browser_url or origin}/{name}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "response_types_supported": ["code", "id_token"],
            }
        )

    async def keys(self, _: web.Request) -> web.Response:
        return json_response(self.world.mint.jwks())

    async def token(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        if form.get("grant_type") == "authorization_code":
            return self.code(request, form)
        try:
            tenant = self.tenant(request)
            app = self.app(form, tenant)
            check_credential(form, app, str(request.url.origin()) + request.path)
            audience = self.audience(form.get("scope", ""))
        except EntraError as error:
            self.world.journal.count("tokens_refused")
            return error.response()
        issuer = f"https://sts.windows.net/{tenant.id}/"
        token = self.world.issue_token(tenant.id, app.client_id, audience, issuer)
        lifetime = self.world.settings.token_lifetime_s
        answer = {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime}
        return json_response({**answer, "access_token": token})

    def code(self, request: web.Request, form: dict[str, str]) -> web.Response:
        """Exchange the authorization code of a signed-in person for an id token."""
        world, lifetime = self.world, self.world.settings.token_lifetime_s
        try:
            tenant = self.tenant_or_any(request)
            app = self.known(form, tenant)
            check_credential(form, app, str(request.url.origin()) + request.path)
            grant = world.sign_ins.take(form, tenant, world.now())
        except EntraError as error:
            world.journal.count("codes_refused")
            return error.response()
        world.journal.count("codes_exchanged")
        claims = about(grant, str(request.url.origin())) | world.sign_ins.claims
        id_token = world.mint.issue_id_token(claims, lifetime=lifetime, ahead=world.settings.clock_offset_s)
        answer = {"token_type": "Bearer", "scope": "openid profile", "expires_in": lifetime, "ext_expires_in": lifetime}
        return json_response({**answer, "access_token": f"opaque-{uuid4()}", "id_token": id_token})

    def tenant_or_any(self, request: web.Request) -> Tenant | None:
        return None if request.match_info["tenant"] == ANY_TENANT else self.tenant(request)

    def tenant(self, request: web.Request) -> Tenant:
        name = request.match_info["tenant"]
        if tenant := self.world.directory.find_tenant(name):
            return tenant
        raise EntraError("invalid_request", 90002, f"Tenant '{name}' not found.")

    def app(self, form: dict[str, str], tenant: Tenant) -> App:
        if form.get("grant_type") != "client_credentials":
            text = "Only client_credentials and authorization_code are supported."
            raise EntraError("unsupported_grant_type", 70003, text)
        return self.known(form, tenant)

    def known(self, form: dict[str, str], tenant: Tenant | None) -> App:
        client_id = form.get("client_id", "")
        app = self.world.directory.apps.get(client_id)
        if app is None or (tenant and tenant.id in app.absent_from):
            where = tenant.id if tenant else ANY_TENANT
            text = f"Application with identifier '{client_id}' was not found in the directory '{where}'."
            raise EntraError("unauthorized_client", 700016, text)
        return app

    def audience(self, scope: str) -> str:
        resource, found, rest = scope.rpartition("/.default")
        if not found or rest:
            raise EntraError("invalid_scope", 1002012, f"The scope {scope} is not valid: it must end in /.default.")
        if resource not in self.world.mint.audiences:
            raise EntraError("invalid_resource", 500011, f"The resource principal named {resource} was not found.")
        return resource


def about(grant: Grant, origin: str) -> dict[str, Any]:
    person = grant.person
    claims = {
        "aud": grant.client_id,
        "iss": f"{origin}/{person.tenant_id}/v2.0",
        "tid": person.tenant_id,
        "oid": person.id,
        "sub": sha256(f"{person.id} {grant.client_id}".encode()).hexdigest(),
        "name": person.name,
        "preferred_username": f"{person.name.lower().replace(' ', '.')}@contoso.example",
        "nonce": grant.nonce,
        "ver": "2.0",
    }
    return claims | ({"roles": list(person.roles)} if person.roles else {})


def check_credential(form: dict[str, str], app: App, audience: str) -> None:
    if secret := form.get("client_secret"):
        if secret not in app.secrets:
            raise EntraError("invalid_client", 7000215, "Invalid client secret provided.", HTTPStatus.UNAUTHORIZED)
        return
    assertion = form.get("client_assertion", "")
    if not assertion or form.get("client_assertion_type") != ASSERTION_TYPE:
        text = "The request body must contain 'client_assertion' or 'client_secret'."
        raise EntraError("invalid_client", 7000218, text, HTTPStatus.UNAUTHORIZED)
    if not proves(assertion, app, audience):
        text = "Client assertion failed signature validation."
        raise EntraError("invalid_client", 700027, text, HTTPStatus.UNAUTHORIZED)
