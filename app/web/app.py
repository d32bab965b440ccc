"""The web application: Graph's receiver and the routes for people, put together."""

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp, Receive, Scope, Send

from app.observability.metrics import Metrics
from app.observability.tracing import OFF, Tracing
from app.web import docs, health, problems
from app.web.api import alerts, audit, calls, diagnosis, inbox, people, related, sites, stats, status, webhooks
from app.web.api.telephony import call_logs
from app.web.api.telephony import figures as telephony_figures
from app.web.auth.access_control import Gate
from app.web.context import Context
from app.web.graph_api import batch
from app.web.graph_api import call_logs as graph_logs
from app.web.graph_api import routes as graph_routes
from app.web.graph_api.middleware import GraphEdge
from app.web.nul import RefuseNul
from app.web.openapi import Documented
from app.web.pages.call import page as call_page
from app.web.pages.calls import live
from app.web.pages.calls import page as list_page
from app.web.pages.operations import alerts as alerts_page
from app.web.pages.operations import audit as audit_page
from app.web.pages.operations import inbox as inbox_page
from app.web.pages.operations import keys as keys_page
from app.web.pages.operations import overview as first_page
from app.web.pages.operations import subscriptions as subscriptions_page
from app.web.pages.operations import webhooks as webhooks_page
from app.web.pages.people import page as person_page
from app.web.pages.people import search_page as people_page
from app.web.pages.quality import page as quality_page
from app.web.pages.shared import assets, error_page, preferences
from app.web.pages.shared.middleware import PageEdge
from app.web.pages.sign_in import api_key, entra
from app.web.pages.sites import page as sites_page
from app.web.pages.telephony import page as telephony_page
from app.web.pages.telephony import rows as telephony_rows
from app.web.reads.middleware import ReadGuard
from app.web.webhook import routes as webhook_routes
from app.web.webhook.receiver import Receiver

# Their routes as they stand: an include would create each of them again for every app.
_APIS = (
    calls,
    diagnosis,
    related,
    people,
    call_logs,
    telephony_figures,
    stats,
    inbox,
    webhooks,
    alerts,
    status,
    sites,
    audit,
    graph_logs,
    graph_routes,
    batch,
    health,
    docs,
)
_PAGES = (
    first_page,
    live,
    list_page,
    call_page,
    people_page,
    person_page,
    quality_page,
    sites_page,
    telephony_page,
    telephony_rows,
    inbox_page,
    subscriptions_page,
    alerts_page,
    webhooks_page,
    keys_page,
    audit_page,
    api_key,
    entra,
    preferences,
    assets,
)
_PROBES = {"/healthz", "/readyz", "/metrics"}
_DESCRIPTION = "Every Microsoft Teams call record of the organisation, archived before Microsoft Graph deletes it."


def make(context: Context, receiver: Receiver, metrics: Metrics, tracing: Tracing = OFF) -> ASGIApp:
    """The app; its creator opens and closes the resources that it uses.

    The receiver stands before FastAPI, whose layers cost twice what reading and storing a notification does.
    """
    graph, others = webhook_routes.routes(receiver, metrics, tracing), GraphEdge(_pages(context, tracing))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        route = graph.get(scope["path"]) if scope["type"] == "http" else None
        await (route or others)(scope, receive, send)

    return app


def _pages(context: Context, tracing: Tracing) -> PageEdge:
    return PageEdge(api(context, tracing), https=context.graph.origins.is_https)


def api(context: Context, tracing: Tracing = OFF) -> FastAPI:
    """The routes that people and programs use."""
    telemetry = _telemetry(tracing)
    app = Documented(
        title="Callkeeper",
        description=_DESCRIPTION,
        routes=[route for module in (*_APIS, *_PAGES) for route in module.router.routes],
        docs_url=None,
        redoc_url=None,
        telemetry=telemetry,
    )
    app.state.context = context
    app.add_middleware(RefuseNul)  # within access control
    app.add_middleware(ReadGuard, context=context)
    app.add_middleware(Gate, context=context)  # what is added last runs first
    problems.install(app, error_page.is_for_people, error_page.error_page)
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
