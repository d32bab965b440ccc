"""The webhook: notifications that are durable before the answer, against the same uvicorn that stores nothing."""

from pathlib import Path
from statistics import median

from bench import databases
from bench.processes import free_port, load, process, settings, wait_for_port
from bench.report import Row

CONNECTIONS = 32


def run(folder: Path, *, requests: int = 6000, batches: int = 300, rounds: int = 3) -> list[Row]:
    rows = []
    for name, url in databases.both(folder).items():
        client_state = databases.subscribe(url)
        app_port, asgi_port, port = free_port(), free_port(), free_port()
        serve = ("app", "serve", "--no-worker", "--no-renewal", "--port", str(port))
        with (
            process("bench.bare_webhook", str(app_port), "app") as app,
            process("bench.bare_webhook", str(asgi_port), "asgi") as asgi,
            process(*serve, environment=settings(url, port)) as service,
        ):
            wait_for_port(app_port, app)
            wait_for_port(asgi_port, asgi)
            wait_for_port(port, service)
            rows += _single(name, (app_port, asgi_port, port), requests, client_state, rounds)
            rows.append(_batches(name, port, batches, client_state))
    return rows


def _single(name: str, ports: tuple[int, int, int], requests: int, client_state: str, rounds: int) -> list[Row]:
    def loaded(port: int) -> dict[str, float]:
        return load(port, connections=CONNECTIONS, requests=requests, items=1, client_state=client_state)

    loaded(ports[-1])  # warm
    trios = [tuple(loaded(port) for port in ports) for _ in range(rounds)]
    rate = median(ours["per_second"] for _, _, ours in trios)
    to_app = median(ours["per_second"] / app["per_second"] for app, _, ours in trios)
    to_asgi = median(ours["per_second"] / asgi["per_second"] for _, asgi, ours in trios)
    slow = median(ours["p99_ms"] for _, _, ours in trios)
    return [
        Row(
            f"webhook, {name}: durable 202 against a FastAPI route that stores nothing",
            to_app,
            ">=",
            0.45,
            f"{rate:.0f}/s",
            "a FastAPI route in the same uvicorn that reads the body and stores nothing",
        ),
        Row(
            f"webhook, {name}: the same against a bare ASGI function",
            to_asgi,
            ">=",
            None,
            "",
            "an ASGI function that only answers",
        ),
        Row(f"webhook, {name}: p99 in ms", slow, "<=", 100),
    ]


def _batches(name: str, port: int, batches: int, client_state: str) -> Row:
    ours = load(port, connections=CONNECTIONS, requests=batches, items=100, client_state=client_state)
    return Row(f"webhook, {name}: ids/s in batches of 100", ours["per_second"] * 100, ">=", 15_000)
