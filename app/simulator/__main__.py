"""The simulated Graph as a command. It prints one line of JSON when it listens, and runs until it is stopped."""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from app.simulator import demo_world, settings_file
from app.simulator.company import company_files, month
from app.simulator.edge import Edge
from app.simulator.server import Running, start
from app.simulator.world import World


def main() -> None:
    os.umask(0o077)  # the settings file contains a secret
    options = read_options()
    if options.settings_file and (real := settings_file.real(os.environ)):
        sys.exit(f"{' and '.join(real)} set in the environment: unset these settings of the real Graph first")
    with tempfile.TemporaryDirectory(prefix="simulated-graph-") as folder, settings_file.removed(options.settings_file):
        try:
            asyncio.run(run(options, options.ca_file or Path(folder) / "ca.pem"))
        except OSError as error:
            sys.exit(f"cannot listen on {options.host} port {options.port}: {error}")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9443, help="0 chooses a free port")
    parser.add_argument("--identity-port", type=int, help="an http port for managed identity and sign-in")
    parser.add_argument("--ca-file", type=Path, help="file for the CA certificate (PEM); default: a temporary file")
    parser.add_argument("--control-token", help="required value of the header X-Control-Token")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--demo", action="store_true", help="generate calls once a subscription exists")
    parser.add_argument("--demo-days", type=int, default=month.DAYS, help="days of calls before today, at most 30")
    parser.add_argument("--demo-files", type=Path, help="folder for the building file and the directory of the demo")
    parser.add_argument("--name", action="append", default=[], help="a further host name of the certificate")
    parser.add_argument("--edge", type=read_edge, metavar="PORT:HOST:PORT", help="forward https to an http service")
    parser.add_argument("--settings-file", type=Path, help="file for the collector's settings while the simulator runs")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=VALUE", help="a further settings line")
    return parser.parse_args()


def read_edge(text: str) -> tuple[int, tuple[str, int]]:
    port, host, target = text.split(":")
    return int(port), (host, int(target))


async def run(options: argparse.Namespace, ca_file: Path) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    running = await start(
        host=options.host,
        port=options.port,
        ca_file=ca_file,
        world=World(seed=options.seed),
        identity_port=options.identity_port,
        control_token=options.control_token,
        names=options.name,
    )
    async with open_edge(options, running) as also:
        if options.settings_file:
            settings_file.write(options.settings_file, running.world, running.url, ca_file, [*also, *options.also])
        if options.demo_files:
            company_files.write(options.demo_files, running.world)
        demo = asyncio.create_task(demo_world.play(running.world, days=options.demo_days)) if options.demo else None
        await asyncio.sleep(0)  # the calls of the days before exist when the line is printed
        announce(running, ca_file)
        await stopped.wait()
        if demo:
            demo.cancel()
            with suppress(asyncio.CancelledError):
                await demo
    await running.stop()


@asynccontextmanager
async def open_edge(options: argparse.Namespace, running: Running) -> AsyncIterator[list[str]]:
    """Open the https port of --edge and yield the setting for it."""
    if not options.edge or not running.tls:
        yield []
        return
    port, target = options.edge
    edge = Edge(options.host, port, target, running.tls)
    await edge.listen()
    yield [f"PUBLIC_URL=https://{(*options.name, 'localhost')[0]}:{edge.port}"]
    await edge.stop()


def announce(running: Running, ca_file: Path) -> None:
    world = running.world
    line = {
        "url": running.url,
        "ca_file": str(ca_file),
        "tenant_id": world.tenant_id,
        "client_id": world.client_id,
        "client_secret": world.client_secret,
        "identity_url": running.identity_url,
        "identity_header": world.directory.identity_header,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
