"""The simulated Graph as a command: one line of JSON when it listens, then it runs until stopped."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from app.simulator import demo_world
from app.simulator.server import Running, start
from app.simulator.world import World


def main() -> None:
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="simulated-graph-") as folder:
        try:
            asyncio.run(run(options, options.ca_file or Path(folder) / "ca.pem"))
        except OSError as error:
            sys.exit(f"cannot listen on {options.host} port {options.port}: {error}")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9443, help="0 chooses a free one")
    parser.add_argument("--identity-port", type=int, help="a plain http port for managed identity")
    parser.add_argument("--ca-file", type=Path, help="where the CA's PEM is written; default: a temporary file")
    parser.add_argument("--control-token", help="what X-Control-Token must then hold")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--demo", action="store_true", help="calls end one after another once somebody subscribes")
    return parser.parse_args()


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
    )
    demo = asyncio.create_task(demo_world.play(running.world)) if options.demo else None
    announce(running, ca_file)
    await stopped.wait()
    if demo:
        demo.cancel()
        with suppress(asyncio.CancelledError):
            await demo
    await running.stop()


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
