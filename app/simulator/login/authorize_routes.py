"""The sign-in page of the login host: the user selects a person and needs no password."""

from html import escape
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from app.simulator.graph.subscriptions.subscription import is_loopback
from app.simulator.login.directory import App, Tenant
from app.simulator.login.entra_error import EntraError
from app.simulator.login.people import Person
from app.simulator.login.sign_ins import Grant
from app.simulator.world import World

ANY_TENANT = "organizations"


class AuthorizeRoutes:
    def __init__(self, world: World) -> None:
        self.world = world

    def table(self) -> list[web.RouteDef]:
        return [web.get("/{tenant}/oauth2/v2.0/authorize", self.authorize)]

    async def authorize(self, request: web.Request) -> web.Response:
        """The page, or with ``person`` the redirect; an error without a safe redirect URI is shown as a page."""
        asked = dict(request.query)
        try:
            tenant = self.tenant(request.match_info["tenant"])
            app = self.app(asked, tenant)
        except EntraError as error:
            return html(f"<h1>Sorry, but we're having trouble signing you in.</h1><p>{escape(said(error))}</p>", error)
        try:
            self.check(asked)
            if "person" not in asked:
                return html(self.choice(asked, tenant))
            person = self.person(asked["person"], tenant)
        except EntraError as error:
            return back(asked, error=error.error, error_description=said(error))
        code = self.world.sign_ins.give(granted(self.world, asked, app, person))
        self.world.journal.count("people_signed_in")
        return back(asked, code=code, session_state="a-state-of-the-login")

    def tenant(self, name: str) -> Tenant | None:
        found = self.world.directory.find_tenant(name)
        if found is None and name != ANY_TENANT:
            raise EntraError("invalid_request", 90002, f"Tenant '{name}' not found.")
        return found

    def app(self, asked: dict[str, str], tenant: Tenant | None) -> App:
        app = self.world.directory.apps.get(asked.get("client_id", ""))
        if app is None or (tenant and tenant.id in app.absent_from):
            raise EntraError("unauthorized_client", 700016, "Application was not found in the directory.")
        address = asked.get("redirect_uri", "")
        if address not in app.redirect_uris and not is_local(address):
            text = f"The redirect URI '{address}' does not match the redirect URIs configured for the application."
            raise EntraError("invalid_request", 50011, text)
        return app

    def check(self, asked: dict[str, str]) -> None:
        if asked.get("response_type") != "code" or asked.get("response_mode", "query") != "query":
            raise EntraError("unsupported_response_type", 700054, "Only response_type 'code' is enabled here.")
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            raise EntraError("invalid_request", 9002325, "Proof Key for Code Exchange is required.")
        if "openid" not in asked.get("scope", "").split():
            raise EntraError("invalid_request", 900144, "The scope 'openid' is missing.")
        if number := self.world.settings.sign_in_error:
            raise EntraError("access_denied", number, "This error was requested with the setting sign_in_error.")

    def choice(self, asked: dict[str, str], tenant: Tenant | None) -> str:
        people = (each for each in self.world.directory.people.values() if not tenant or each.tenant_id == tenant.id)
        items = "".join(f'<li><a href="?{escape(urlencode(asked | {"person": p.id}))}">{row(p)}</a>' for p in people)
        return f"<h1>Simulated login</h1><p>Who are you?</p><ul>{items}</ul>"

    def person(self, person_id: str, tenant: Tenant | None) -> Person:
        person = self.world.directory.people.get(person_id)
        if person is None or (tenant and person.tenant_id != tenant.id):
            raise EntraError("invalid_grant", 50020, "User account does not exist in the tenant.")
        return person


def granted(world: World, asked: dict[str, str], app: App, person: Person) -> Grant:
    address, challenge = asked["redirect_uri"], asked["code_challenge"]
    return Grant(person, app.client_id, address, challenge, asked.get("nonce", ""), world.now())


def is_local(address: str) -> bool:
    """Apps in tests use random ports."""
    return is_loopback(urlsplit(address).hostname or "")


def said(error: EntraError) -> str:
    return f"AADSTS{error.number}: {error.text}"


def row(person: Person) -> str:
    return escape(f"{person.name}: {', '.join(person.roles) or 'no role'}")


def back(asked: dict[str, str], **answer: str) -> web.Response:
    given = answer | ({"state": asked["state"]} if "state" in asked else {})
    return web.Response(status=HTTPStatus.FOUND, headers={"Location": f"{asked['redirect_uri']}?{urlencode(given)}"})


def html(body: str, error: EntraError | None = None) -> web.Response:
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">'
    title = "<title>Simulated login</title>"
    return web.Response(
        text=head + title + body, content_type="text/html", status=error.status if error else HTTPStatus.OK
    )
