"""A NUL in any parameter of any page or API route is a 400 on both databases, and in a path never a 500."""

import re
from types import SimpleNamespace

import pytest

from app.web import app as web
from app.web.api.parameters import _known
from tests.some import some
from tests.web.auth.guarded import ROUTES as APIS
from tests.web.auth.guarded import filled
from tests.web.pages.browser_client import signed_in
from tests.web.pages.page_routes import PAGES, STREAMS

pytestmark = pytest.mark.anyio

READ_BY_PAGES = ("q", "tenant", "organizer", "who", "call", "from", "to", "cursor", "zone", "column", "subnet", "range")
READS = sorted({path for method, path in APIS if method == "GET"} | set(PAGES) | STREAMS)


def parameters():
    """Of each route, the parameters that it declares, and those that pages read from the query themselves."""
    for route in web.api(SimpleNamespace()).routes:
        if getattr(route, "path", None) in READS and "GET" in route.methods:
            yield route.path, sorted({*_known(route.dependant), *READ_BY_PAGES})


async def test_a_nul_in_any_parameter_is_a_400_that_names_it(app):
    found = dict(parameters())
    assert found.keys() == set(READS)
    async with signed_in(app) as browser:
        for path, names in found.items():
            for name in some(names):
                answer = await browser.get(filled(path.replace("{position}", "0")), params={name: "a\0b"})
                assert answer.status_code == 400, (path, name, answer.text)
                assert f"{name}: contains a NUL character" in answer.text


async def test_a_nul_in_a_path_or_in_the_name_of_a_parameter_is_never_an_error_of_ours(app):
    async with signed_in(app) as browser:
        for path in READS:
            if "{" in path:
                answer = await browser.get(re.sub(r"\{[^}]*\}", "a%00b", path))
                assert 400 <= answer.status_code < 500, (path, answer.text)
        assert (await browser.get("/calls?a%00b=1")).status_code == 400
        assert (await browser.get("/calls?q=%2500")).status_code == 200
