"""One HTTPS port with login, Graph and control on it, with a certificate of a CA that is created at start."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import trustme
from aiohttp import web

from app.simulator.call_logs.routes import CallLogRoutes
from app.simulator.control.access import ControlAccess
from app.simulator.control.call_log_routes import CallLogControl
from app.simulator.control.directory_routes import DirectoryRoutes
from app.simulator.control.routes import ControlRoutes
from app.simulator.graph.metadata import metadata
from app.simulator.graph.record_routes import RecordRoutes
from app.simulator.graph.subscriptions.routes import SubscriptionRoutes
from app.simulator.login.authorize_routes import AuthorizeRoutes
from app.simulator.login.identity import IdentityRoutes
from app.simulator.login.routes import LoginRoutes
from app.simulator.middleware import Handler, Middleware
from app.simulator.world import World

LARGEST_BODY = 256 * 1024 * 1024  # a control request may contain many documents
NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(slots=True)
class Running:
    url: str
    world: World
    runner: web.AppRunner
    identity_url: str | None  # http, for managed identity and for browsers that sign in
    tls: ssl.SSLContext | None = None

    async def stop(self) -> None:
        await self.world.delivery.stop()
        await self.runner.cleanup()


async def start(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    ca_file: Path,
    world: World | None = None,
    tls: bool = True,
    identity_port: int | None = None,
    control_token: str | None = None,
    names: Sequence[str] = (),
) -> Running:
    """Port 0 chooses a free port; `identity_port` opens a second port with http for managed identity and browsers.

    `names` are further host names of the certificate.
    """
    world = world or World()
    runner = web.AppRunner(application(world, control_token), access_log=None, shutdown_timeout=1)
    running = Running("", world, runner, None, tls_context(ca_file, names) if tls else None)
    try:
        await listen(running, host, port, identity_port, names)
    except OSError:
        await running.stop()
        raise
    return running


async def listen(running: Running, host: str, port: int, identity_port: int | None, names: Sequence[str]) -> None:
    """Open the ports, and add their addresses as audiences of tokens."""
    runner, scheme = running.runner, "https" if running.tls else "http"
    await running.world.delivery.start()
    await runner.setup()
    await web.TCPSite(runner, host, port, ssl_context=running.tls).start()
    chosen = runner.addresses[0][1]
    running.url = f"{scheme}://{(*names, 'localhost')[0]}:{chosen}"
    known = (*names, "localhost", "127.0.0.1", "[::1]")
    running.world.mint.audiences |= {f"{scheme}://{name}:{chosen}" for name in known}
    if identity_port is not None:
        await web.TCPSite(runner, host, identity_port).start()
        running.identity_url = f"http://localhost:{runner.addresses[1][1]}"
        running.world.browser_url = running.identity_url


def application(world: World, control_token: str | None) -> web.Application:
    middleware = Middleware(world)

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await middleware.handle(request, handler)

    app = web.Application(middlewares=[handle], client_max_size=LARGEST_BODY)
    app.add_routes(
        ControlAccess(control_token).routes(
            [*ControlRoutes(world).table(), *DirectoryRoutes(world).table(), *CallLogControl(world).table()]
        )
    )
    app.add_routes(SubscriptionRoutes(world).table())
    app.add_routes(RecordRoutes(world).table())
    app.add_routes(CallLogRoutes(world).table())
    app.add_routes([web.get(r"/{version:v1\.0|beta}/$metadata", metadata)])
    app.add_routes(IdentityRoutes(world).table())
    app.add_routes(LoginRoutes(world).table())
    app.add_routes(AuthorizeRoutes(world).table())
    return app


def tls_context(ca_file: Path, names: Sequence[str] = ()) -> ssl.SSLContext:
    """Write the CA's certificate for clients; the server's key stays in this process."""
    ca = trustme.CA(organization_name="Simulated Graph")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    ca.issue_cert(*NAMES, *names).configure_cert(context)
    ca_file.parent.mkdir(parents=True, exist_ok=True)
    ca.cert_pem.write_to_path(str(ca_file))
    return context
