"""`/healthz` and `/metrics` of a process that has no other routes: its event loop answers, or it hangs."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.observability.metrics import Metrics
from app.web.server import Server


def server(metrics: Metrics, host: str, port: int) -> Server:
    """Listens there; OSError if the port is taken."""
    return Server(routes(metrics), host, port)


def routes(metrics: Metrics) -> ASGIApp:
    """The two routes, with the counters of this process alone."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _answer(Request(scope), metrics)(scope, receive, send)

    return app


def _answer(request: Request, metrics: Metrics) -> Response:
    if request.url.path not in {"/healthz", "/metrics"}:
        return PlainTextResponse("only /healthz and /metrics are here", 404)
    if request.method not in {"GET", "HEAD"}:
        return PlainTextResponse("only read here", 405, headers={"Allow": "GET, HEAD"})
    if request.url.path == "/healthz":
        return PlainTextResponse("ok")
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
