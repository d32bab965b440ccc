"""The pages with a simulated Entra ID, and sign-ins of its users."""

import ssl
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

import httpx

from app.access.id_tokens import IdTokens
from app.graph.auth.credentials import Secret
from app.graph.auth.sign_in import SignIn
from app.web.auth.entra import Entra
from tests.web.application import opened
from tests.web.pages.browser_client import a_browser


class EntraSignIns:
    """``login`` is the simulated one of tests/access/entra.py; ``ca_file`` is that of its certificate."""

    def __init__(self, login, ca_file):
        self.login, self.ca_file = login, ca_file
        self.trust = ssl.create_default_context(cafile=str(ca_file))
        self.world, self.tenant = login.world, login.tenant
        self.world.directory.app.redirect_uris.add("https://we.example/sign-in/entra/callback")

    def entra(self, tenant_ids=None, credential=None, host=None):
        host, tenant_ids = host or self.login.running.url, tuple(tenant_ids or [self.tenant])
        sign_in = SignIn(
            login=host,
            tenant_ids=tenant_ids,
            client_id=self.world.client_id,
            credential=credential or Secret(self.world.client_secret),
            ca_file=self.ca_file,
        )
        return Entra(sign_in, IdTokens(host, tenant_ids, self.world.client_id, self.login.keys))

    @asynccontextmanager
    async def app(self, database, metrics, tenant_ids=None, *, entra=None, **more):
        tenant_ids = tuple(tenant_ids or [self.tenant])
        entra = entra or self.entra(tenant_ids)
        async with opened(database, metrics, tenant_ids=tenant_ids, entra=entra, **more) as app:
            yield app

    async def leave(self, browser, wanted="/"):
        """The address at the login to which the browser is redirected."""
        answer = await browser.get("/sign-in/entra", params={"next": wanted})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def choose(self, there, person):
        """The path of the redirect from the login after the user is chosen there."""
        asked = parse_qsl(urlsplit(there).query)
        async with httpx.AsyncClient(verify=self.trust, trust_env=False) as at_login:
            answer = await at_login.get(there.partition("?")[0], params=[*asked, ("person", person.id)])
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    async def sign_in(self, browser, person, wanted="/"):
        """A complete sign-in; the last response."""
        return await browser.get(await self.choose(await self.leave(browser, wanted), person))

    @asynccontextmanager
    async def signed_in(self, app, person):
        """A browser of a signed-in user."""
        async with a_browser(app) as browser:
            answer = await self.sign_in(browser, person)
            assert answer.status_code == 303, answer.text
            yield browser
