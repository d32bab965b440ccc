"""Every route of the pages, found in the application, so that a new one is tested automatically."""

from types import SimpleNamespace

from app.web import app as web
from tests.web.auth.guarded import filled

OPEN = {"/sign-in", "/sign-in/entra", "/sign-in/entra/callback", "/static/{name}"}
STREAMS = {"/live"}  # endless: only its headers and access control are tested


def page_routes():
    return sorted(set(_walk(web.api(SimpleNamespace()).routes)))


def _walk(some):
    for route in some:
        if hasattr(route, "effective_route_contexts"):  # a router that was included
            yield from _walk(route.effective_route_contexts())
        elif getattr(getattr(route, "endpoint", None), "__module__", "").startswith("app.web.pages."):
            yield from ((method, route.path) for method in route.methods)


ROUTES = page_routes()
GUARDED = [(method, path) for method, path in ROUTES if path not in OPEN]
PAGES = [path for method, path in GUARDED if method == "GET" and path not in STREAMS]
POSTS = [path for method, path in ROUTES if method not in {"GET", "HEAD"}]


def address(path):
    """An existing address: the call of the tests' tenant, its first session."""
    return filled(path.replace("{position}", "0"))
