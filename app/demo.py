"""The demo: a simulated Graph, the complete service connected to it, and a printed line for each archived call."""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.settings.environment import Settings

PROGRAM = Path(__file__).parent.parent
# Arguments of commands, on files that the simulated Graph writes. No call needs to be matched with sites again.
BEFORE_CALLS = (("migrate",), ("sites", "import", "buildings.csv"), ("sites", "access-points", "access-points.csv"))
AFTER_FIRST_CALL = (("directory", "import", "directory.csv"),)  # its tenant is known then
PRINTED = timedelta(days=4)  # there is a working day among them


def run(port: int, days: int) -> int:
    """Start both processes, print new calls until Ctrl-C, and stop both; return the exit status."""
    # Job control sends SIGTERM; a shell starts the background jobs of a script with SIGINT ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callkeeper-demo-")))
        stack.callback(print, "stopped.")
        graph = stack.enter_context(_simulated_graph(folder, days))
        key = secrets.token_urlsafe(16)
        environment = _environment(folder, graph, key, port)
        url = f"http://127.0.0.1:{port}"
        _print_addresses(url, key, graph["url"], folder)
        try:
            _run(BEFORE_CALLS, folder, environment)
            service = stack.enter_context(_service(folder, environment, port))
            while service.poll() is None and not _get(f"{url}/api/calls?limit=1", key).get("items"):
                time.sleep(0.2)
            _run(AFTER_FIRST_CALL, folder, environment)
            _print_new_calls(url, key, service)
        except KeyboardInterrupt:
            return 0
        return service.returncode or 1


@contextmanager
def _simulated_graph(folder: Path, days: int) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "app.simulator", "--port", "0", "--demo", "--ca-file", str(folder / "ca.pem")]
    command += ["--demo-days", str(days), "--demo-files", str(folder)]
    command += ["--identity-port", "0"]  # http: the browser that signs in does not know this CA
    with _process(command, os.environ.copy(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield json.loads(line)


def _environment(folder: Path, graph: dict[str, str], key: str, port: int) -> dict[str, str]:
    """Of the service and of commands on its database."""
    settings = {
        "AZURE_TENANT_ID": graph["tenant_id"],
        "AZURE_CLIENT_ID": graph["client_id"],
        "AZURE_CLIENT_SECRET": graph["client_secret"],
        "AZURE_AUTHORITY_HOST": graph["url"],
        "GRAPH_BASE_URL": graph["url"],
        "SSL_CERT_FILE": graph["ca_file"],
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{folder}/callkeeper.db",
        "API_KEY": key,
        "PAGES_SIGN_IN": "key,entra",
        "LOG_LEVEL": "warning",
        "PSTN_EVERY": "1m",
    }
    environment = {name: value for name, value in os.environ.items() if not _is_setting(name)}
    environment["PYTHONPATH"] = os.pathsep.join([str(PROGRAM), environment.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return environment | settings


@contextmanager
def _service(folder: Path, environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    # Not in a folder with an operator's .env file, whose settings would mix with the demo's.
    with _process(command, environment, cwd=folder) as process:
        yield process


def _run(commands: Iterable[tuple[str, ...]], folder: Path, environment: dict[str, str]) -> None:
    """What an administrator does once. The output of a command is printed only if it failed."""
    for arguments in commands:
        command = [sys.executable, "-m", "app", *arguments]
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            print(done.stdout + done.stderr, file=sys.stderr)
        else:
            print(f"Ran: callkeeper {' '.join(arguments)}", flush=True)


def _is_setting(name: str) -> bool:
    """True for the operator's own settings, which the demo must not use."""
    known = {field.upper() for field in Settings.model_fields}
    return name.startswith(("AZURE_", "GRAPH_")) or name.removesuffix("_FILE") in known


@contextmanager
def _process(command: list[str], environment: dict[str, str], **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    # In its own process group, so that Ctrl-C reaches only this process, which stops the two in order.
    process = subprocess.Popen(command, env=environment, start_new_session=True, **more)  # noqa: S603
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _print_addresses(url: str, key: str, graph: str, folder: Path) -> None:
    print(
        f"""
Callkeeper       {url}  (sign in with the API key)
API key          {key}
Simulated Graph  {graph}
Database         {folder}/callkeeper.db (deleted when the demo stops)

Try              curl -H 'Authorization: Bearer {key}' {url}/api/calls
Or               {url}/docs

Calls arrive in a few seconds, and within a minute those of the days before are in the archive. The newest are
printed here, with times in UTC. Ctrl-C stops everything.
""",
        flush=True,
    )


def _print_new_calls(url: str, key: str, service: subprocess.Popen[bytes]) -> None:
    """The calls of the last four days."""
    seen: dict[str, int] = {}
    since = datetime.now(UTC) - PRINTED
    calls = f"{url}/api/calls?limit=200&from={since:%Y-%m-%dT%H:%M:%SZ}"
    while service.poll() is None:
        for call in reversed(_get(calls, key).get("items", [])):
            if seen.get(call["id"]) != call["version"]:
                seen[call["id"]] = call["version"]
                print(_line(call), flush=True)
        time.sleep(0.5)
    print("The service ended unexpectedly; see its messages above.", file=sys.stderr)


def _get(url: str, key: str) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})  # noqa: S310 -- a loopback address
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
            return answer
    except (urllib.error.URLError, TimeoutError, ConnectionError):  # not listening yet
        return {}


def _line(call: dict[str, Any]) -> str:
    minutes, seconds = divmod(int(call["duration_seconds"] or 0), 60)
    sessions, people = call["session_count"], call["participant_count"]
    marks = [call["quality"], *(["failed"] if call["failed"] else []), *([] if call["complete"] else ["incomplete"])]
    return (
        f"{(call['start'] or '')[:16].replace('T', ' ')}  {call['id']}  v{call['version']}  {call['type']:<10}"
        f"  {people:>4} {'person' if people == 1 else 'people'}"
        f"  {sessions:>4} {'session ' if sessions == 1 else 'sessions'}"
        f"  {minutes:>3}:{seconds:02} min"
        f"  {'+'.join(call['modalities'] or [])}  {' '.join(marks)}"
    )
