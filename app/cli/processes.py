"""`serve`, `worker`, `simulator` and `demo`: commands that run until they are stopped."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.without_rich import without_rich

ProbeHost = Annotated[str, typer.Option(help="Address to listen on if --port is given.")]
ProbePort = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port for /healthz and /metrics; without it the process does not listen."),
]


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `callkeeper serve --host 0.0.0.0 --port 8000`")(serve)
    app.command(epilog="Examples: `callkeeper worker`, `callkeeper worker --port 9464`")(worker)
    app.command(epilog="Example: `callkeeper simulator --port 9443 --ca-file simulator-ca.pem`")(simulator)
    app.command(epilog="Example: `callkeeper demo --port 8000`")(demo)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 selects a free port.")] = 8000,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Do not fetch call records in this process.")] = False,
    no_renewal: Annotated[
        bool, typer.Option("--no-renewal", help="Do not renew subscriptions in this process.")
    ] = False,
) -> None:
    """Run the web routes, a worker, subscription renewal and reconciliation in one process."""
    with without_rich():
        from app.cli.shared.running import run  # noqa: PLC0415 -- other commands start faster without these modules
        from app.runtime.serve import serve as run_service  # noqa: PLC0415 -- likewise

    run(lambda settings: run_service(settings, host, port, worker=not no_worker, renewal=not no_renewal), quiet=False)


def worker(host: ProbeHost = "127.0.0.1", port: ProbePort = None) -> None:
    """Run only a worker. Any number of workers can share one PostgreSQL database."""
    with without_rich():
        from app.cli.shared.running import run  # noqa: PLC0415 -- likewise
        from app.runtime.worker_process import work  # noqa: PLC0415 -- likewise

    run(lambda settings: work(settings, host, port), quiet=False)


def simulator(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port for https; 0 selects a free port.")] = 9443,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    ca_file: Annotated[Path | None, typer.Option(help="File to write its certificate authority to (PEM).")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Generate calls continuously.")] = False,
) -> None:
    """Run a simulated Microsoft Graph with its login; prints the client settings as one line of JSON."""
    arguments = ["--port", str(port), "--host", host]
    arguments += ["--ca-file", str(ca_file)] if ca_file else []
    arguments += ["--demo"] if demo else []
    # A separate process, as Graph is: it shares only the network with Callkeeper.
    os.execv(sys.executable, [sys.executable, "-m", "app.simulator", *arguments])  # noqa: S606


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web pages and the API.")] = 8000,
    days: Annotated[int, typer.Option(min=0, max=30, help="Days of calls before today.")] = 30,
) -> None:
    """Run the simulated Graph and the complete service against it, with calls arriving. Ctrl-C stops both."""
    from app.demo import run as run_demo  # noqa: PLC0415 -- likewise

    raise typer.Exit(run_demo(port, days))
