"""The service as it is started: people sign in with Entra ID, and the credential is the collector's."""

import asyncio
import re
import ssl
from html import unescape
from urllib.parse import urljoin

import httpx
import pytest

from app.simulator.login.people import ADMIN
from tests.waiting import PATIENCE

pytestmark = pytest.mark.anyio


async def test_a_person_signs_in_to_the_running_service_and_out(serve, database_url, ca_file):
    service = await serve("--no-worker", "--no-renewal", database_url=database_url, PAGES_SIGN_IN="entra")
    trust = await asyncio.to_thread(ssl.create_default_context, cafile=str(ca_file))
    async with httpx.AsyncClient(verify=trust, trust_env=False, follow_redirects=True, timeout=PATIENCE) as browser:
        there = await browser.get(f"{service.url}/sign-in/entra", params={"next": "/inbox"})
        choice = unescape(re.search(rf'href="([^"]*{ADMIN.id}[^"]*)"', there.text)[1])
        page = await browser.get(urljoin(str(there.url), choice), headers={"Accept": "text/html"})
        assert (page.status_code, page.url.path) == (200, "/inbox"), page.text
        assert f"Signed in as {ADMIN.id} (admin)" in page.text
        form = {"form_token": re.search(r'name="form_token" value="([^"]+)"', page.text)[1]}
        out = await browser.post(f"{service.url}/sign-out", data=form, headers={"Origin": service.url})
        assert (out.url.path, 'name="key"' in out.text) == ("/sign-in", False)
        assert (await browser.get(f"{service.url}/inbox")).url.path == "/sign-in"
    entries = (await service.get("/api/audit")).json()["items"]
    assert [e["route"] for e in entries if e["who"] == ADMIN.id][-1] == "/sign-in/entra/callback"
    assert ADMIN.name not in service.program.text()
