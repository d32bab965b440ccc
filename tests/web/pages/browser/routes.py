"""Every address of a page, found in the application, so that a new page is tested automatically."""

from types import SimpleNamespace

from app.web import app as web

NO_PAGES = {
    "/calls.csv",
    "/audit.csv",
    "/quality.csv",
    "/telephony/calls.csv",
    "/live",
    "/static/{name}",
    "/calls/{call_id}/sessions/{position}",
}
FURTHER = (
    "/calls/{call_id}?session=0",
    "/calls/{failed}?session=0",
    "/calls/{hostile}?session=1",
    "/calls/{meeting}",
    "/calls?quality=poor&column=id&column=organizer_user_principal_name&column=stored_at&organizer=a",
    "/inbox?state=failed",
    "/?range=90d",
)
WRONG = ("/calls/nothing", "/calls?from=nonsense", "/nothing")


def pages():
    """Address templates for ``CollectedService.at``."""
    found = {path for path in _paths(web.api(SimpleNamespace()).routes) if path not in NO_PAGES}
    return sorted(path for path in found if not path.startswith("/sign-in/")) + list(FURTHER)


def _paths(some):
    for route in some:
        if hasattr(route, "effective_route_contexts"):  # a router that was included
            yield from _paths(route.effective_route_contexts())
        elif "GET" in (getattr(route, "methods", None) or ()) and _is_page(route):
            yield route.path


def _is_page(route):
    return getattr(route.endpoint, "__module__", "").startswith("app.web.pages.")


PAGES = pages()
