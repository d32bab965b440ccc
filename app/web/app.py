"""The web application: its routes put together."""

from fastapi import FastAPI

from app.metrics import Metrics
from app.web import calls, health, inbox, notifications, overview, problems
from app.web.context import Context
from app.web.door import Door

_DESCRIPTION = "Every Microsoft Teams call record of the organisation, kept before Microsoft Graph deletes it."


def make(context: Context, door: Door, metrics: Metrics) -> FastAPI:
    """The app; whoever makes it opens and closes what it works with."""
    app = FastAPI(title="Callkeeper", description=_DESCRIPTION, redoc_url=None)
    app.state.context = context
    problems.install(app)
    app.router.routes[:0] = notifications.routes(door, metrics)  # first: they are the ones in a hurry
    for module in (calls, inbox, overview, health):
        app.include_router(module.router)
    return app
