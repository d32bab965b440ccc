"""The web application: Graph's door and the routes for people, put together."""

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.metrics import Metrics
from app.web import audit, calls, docs, graph_api, health, inbox, notifications, overview, problems, stats
from app.web.context import Context
from app.web.door import Door
from app.web.gate import Gate
from app.web.graph_edge import GraphEdge
from app.web.pages import assets, errors, preferences, sign_in

_DESCRIPTION = "Every Microsoft Teams call record of the organisation, kept before Microsoft Graph deletes it."


def make(context: Context, door: Door, metrics: Metrics) -> ASGIApp:
    """The app; whoever makes it opens and closes what it works with.

    The door stands before FastAPI, whose layers cost twice what reading and storing a notification does.
    """
    graph, people = notifications.routes(door, metrics), GraphEdge(api(context))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        route = graph.get(scope["path"]) if scope["type"] == "http" else None
        await (route or people)(scope, receive, send)

    return app


def api(context: Context) -> FastAPI:
    """The routes that people and programs use."""
    app = FastAPI(title="Callkeeper", description=_DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.context = context
    app.add_middleware(Gate, context=context)
    problems.install(app, errors.is_for_people, errors.error_page)
    for module in (calls, stats, inbox, overview, audit, graph_api, health, docs):
        app.include_router(module.router)
    for page in (sign_in, preferences, assets):
        app.include_router(page.router)
    return app
