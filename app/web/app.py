"""The web application: Graph's door and the routes for people, put together."""

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp, Receive, Scope, Send

from app.metrics import Metrics
from app.tracing import OFF, Tracing
from app.web import audit, calls, docs, graph_api, health, inbox, notifications, overview, people, problems, stats
from app.web.context import Context
from app.web.door import Door
from app.web.gate import Gate
from app.web.graph_edge import GraphEdge
from app.web.pages import assets, errors, live, preferences, sign_in, sign_in_entra
from app.web.pages import audit as audit_page
from app.web.pages import call as call_page
from app.web.pages import calls as list_page
from app.web.pages import inbox as inbox_page
from app.web.pages import overview as first_page
from app.web.pages import people as person_page
from app.web.pages import quality as quality_page
from app.web.pages import subscriptions as subscriptions_page
from app.web.pages.edge import PageEdge

# Their routes as they stand: an include would make each anew for every app.
_APIS = (calls, people, stats, inbox, overview, audit, graph_api, health, docs)
_PAGES = (
    first_page,
    live,
    list_page,
    call_page,
    person_page,
    quality_page,
    inbox_page,
    subscriptions_page,
    audit_page,
    sign_in,
    sign_in_entra,
    preferences,
    assets,
)
_PROBES = {"/healthz", "/readyz", "/metrics"}
_DESCRIPTION = "Every Microsoft Teams call record of the organisation, kept before Microsoft Graph deletes it."


def make(context: Context, door: Door, metrics: Metrics, tracing: Tracing = OFF) -> ASGIApp:
    """The app; whoever makes it opens and closes what it works with.

    The door stands before FastAPI, whose layers cost twice what reading and storing a notification does.
    """
    graph, others = notifications.routes(door, metrics, tracing), GraphEdge(PageEdge(api(context, tracing)))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        route = graph.get(scope["path"]) if scope["type"] == "http" else None
        await (route or others)(scope, receive, send)

    return app


def api(context: Context, tracing: Tracing = OFF) -> FastAPI:
    """The routes that people and programs use."""
    telemetry = _telemetry(tracing)
    app = FastAPI(
        title="Callkeeper",
        description=_DESCRIPTION,
        routes=[route for module in (*_APIS, *_PAGES) for route in module.router.routes],
        docs_url=None,
        redoc_url=None,
        telemetry=telemetry,
    )
    app.state.context = context
    app.add_middleware(Gate, context=context)
    problems.install(app, errors.is_for_people, errors.error_page)
    return app


def _telemetry(tracing: Tracing) -> TelemetryConfig:
    """Of what FastAPI says on its own its spans alone, and those only to our provider, which strips them: they hold
    raw query strings, and its logs exceptions with their messages. Who looks every few seconds leaves none.
    """
    return {
        "tracing": tracing.provider is not None,
        "tracer_provider": tracing.provider,
        "operation_spans": False,
        "metrics": False,
        "logs": False,
        "auto_configure": False,
        "exclude": lambda scope: scope.get("path") in _PROBES,
    }
