"""A compose project as its operator sees it: commands of docker, and HTTP on the published port."""

import json
import os
import subprocess
from uuid import uuid4

import httpx

from tests.waiting import wait_until

PATIENCE = 120.0  # seconds without progress
CONTROL = """
import json, ssl, sys, urllib.request
method, path, body = json.loads(sys.argv[1])
url = "https://localhost:9443/_control" + path
request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method)
with urllib.request.urlopen(request, context=ssl.create_default_context(cafile="/run/demo/ca.pem")) as answer:
    sys.stdout.buffer.write(answer.read() or b"null")
"""


def docker(*command, check=True, **options):
    done = subprocess.run(["docker", *command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0 or not check, f"docker {' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done


def until(condition, details=lambda: ""):
    return wait_until(condition, details=details, seconds=PATIENCE)


class Stage:
    def __init__(self, project, name, port, **variables):
        self.project, self.port = project, port
        self.name = f"callkeeper-{name}-{uuid4().hex[:6]}"
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "GRAPH_", "COMPOSE_"))
        }
        self.environment = {**kept, "WEB_PORT": f"127.0.0.1:{port}", **variables}
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"X-API-Key": "callkeeper-demo-key-not-secret"},
            trust_env=False,
            timeout=10,
        )

    def compose(self, *command, check=True):
        return docker(
            "compose", "--ansi=never", "-p", self.name, *command, check=check, cwd=self.project, env=self.environment
        )

    def up(self, *options, services=(), more=()):
        self.compose(*options, "up", "--detach", "--no-build", *more, *services)

    def remove(self):
        self.http.close()
        self.compose("--profile", "*", "down", "--volumes", "--timeout", "5", check=False)

    def logs(self, *services):
        return self.compose("logs", "--no-log-prefix", *services).stdout

    def containers(self, service):
        """What docker knows of each container of a service, stopped ones too."""
        ids = self.compose("ps", "--all", "--quiet", service).stdout.split()
        return json.loads(docker("inspect", *ids).stdout) if ids else []

    def states(self, *services):
        return [one["State"] for service in services for one in self.containers(service)]

    # -- the simulated Graph of the demo

    def control(self, method, path, body=None):
        """A control route of the simulator, which publishes no port."""
        asked = json.dumps([method, path, body])
        done = self.compose("exec", "-T", "simulator", "python", "-c", CONTROL, asked)
        return json.loads(done.stdout)

    def make_calls(self, count, **more):
        return set(self.control("POST", "/calls", {"count": count, "kind": "peerToPeer", **more})["ids"])

    # -- the API

    def get(self, path, **query):
        answer = self.http.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    def is_ready(self):
        try:
            return self.http.get("/readyz").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def kept(self):
        """The ids of all calls in the archive."""
        found, cursor = set(), {}
        while cursor is not None:
            page = self.get("/api/calls", limit=200, **cursor)
            found |= {call["id"] for call in page["items"]}
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return found

    def keeps(self, call_ids):
        """Return once all of these are in the archive; what is missing is told."""
        until(lambda: self.is_ready() and call_ids <= self.kept(), details=lambda: call_ids - self.kept())
