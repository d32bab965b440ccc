"""A browser at the pages: what it is shown, and how its person signs in and out."""

import re
from contextlib import asynccontextmanager
from html import unescape
from urllib.parse import urlsplit

import httpx

from tests.web.application import KEY

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@asynccontextmanager
async def a_browser(app, base="https://we.example", headers=None):
    """A client that follows no redirects; an uncaught error is a page, as for users. A header that is None is not sent."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    sent = {name: value for name, value in (HTML | (headers or {})).items() if value is not None}
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=sent) as browser:
        yield browser


async def post_key(browser, key=KEY, **fields):
    return await browser.post("/sign-in", data={"key": key} | fields)


@asynccontextmanager
async def signed_in(app, key=KEY, base="https://we.example"):
    async with a_browser(app, base) as browser:
        answer = await post_key(browser, key)
        assert answer.status_code == 303, answer.text
        yield browser


async def form_token(browser):
    return re.search(r'name="form_token" value="([^"]+)"', (await browser.get("/zone")).text)[1]


async def post_form(browser, path, **fields):
    """A form of the page's own."""
    return await browser.post(path, data={"form_token": await form_token(browser)} | fields)


def problem(answer):
    """What the page says is wrong."""
    return " ".join(unescape(re.search(r'class="problem"[^>]*>([^<]*)<', answer.text)[1]).split())


def redirect_of(answer):
    assert answer.status_code == 303, answer.text
    place = urlsplit(answer.headers["location"])
    assert (place.scheme, place.netloc) == ("", "")
    return answer.headers["location"]


def cookies_of(answer):
    """The name -> (value, attributes in lower case) of those that are set."""
    found = {}
    for line in answer.headers.get_list("set-cookie"):
        first, *attributes = [part.strip() for part in line.split(";")]
        name, _, value = first.partition("=")
        found[name] = value.strip('"'), {attribute.lower() for attribute in attributes}
    return found
