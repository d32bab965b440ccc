"""Microsoft's own client for JavaScript, over TLS and pointed at us, reads the archive as it reads Graph."""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import trustme

from tests.archive.records import CALL, a_call_record, a_session, an_identity, save
from tests.web.application import KEY
from tests.web.graph_api.graph import save_calls
from tests.web.graph_api.served import served

PACKAGE = {"@microsoft/microsoft-graph-client": "3.0.7"}
PROGRAM = Path(__file__).with_name("reads.mjs")
CACHE = Path(__file__).parents[3] / ".cache" / "microsoft-graph-client"

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="node and npm are not installed"),
]


@pytest.fixture(scope="session")
def program():
    """The program beside its installed packages; skipped where they cannot be had."""
    wanted = json.dumps({"private": True, "dependencies": PACKAGE})
    done = CACHE / "installed.json"
    if not (done.exists() and done.read_text() == wanted):
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "package.json").write_text(wanted)
        npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        installed = subprocess.run(npm, cwd=CACHE, capture_output=True, timeout=120, check=False)
        if installed.returncode:
            pytest.skip("npm cannot install Microsoft's client for JavaScript here")
        done.write_text(wanted)
    return shutil.copy(PROGRAM, CACHE)


@pytest.fixture
def certificates(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    return tmp_path


async def read(program, certificates, app):
    """What the client read from us, as it printed it."""
    trusting = os.environ | {"NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem")}
    async with served(app, ssl_certfile=certificates / "server.pem") as port:
        node = await asyncio.create_subprocess_exec(
            "node", program, str(port), KEY, CALL, env=trusting, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        printed, complaints = await node.communicate()
    assert node.returncode == 0, complaints.decode()
    return json.loads(printed)


async def test_it_reads_the_archive(database, app, program, certificates):
    deprecated = {"participants": [{"user": an_identity()}]}
    record = a_call_record(sessions=[a_session() for _ in range(5)], startDateTime="2026-01-01T00:00:00Z", **deprecated)
    await save(database, record)
    calls = await save_calls(database, 5)
    found = await read(program, certificates, app)
    assert found["all"] == [*calls, CALL]
    assert found["filtered"] == calls[:3]
    assert found["record"]["sessions"] == record["sessions"]
    assert found["record"]["participants_v2"] == record["participants_v2"]
    assert found["sessions"] == [session["id"] for session in record["sessions"]]
    assert (found["missing"]["status"], found["missing"]["code"]) == (404, "NotFound")
    assert found["missing"]["requestId"]
    assert (found["unsupported"]["status"], found["unsupported"]["code"]) == (400, "BadRequest")
    assert "'$orderby'" in found["unsupported"]["message"]
    assert found["batch"]["one"]["status"] == 200
    assert found["batch"]["one"]["body"]["participants"] == record["participants"]
    assert [each["id"] for each in found["batch"]["list"]["body"]["value"]] == calls[:2]
    assert {name: each["status"] for name, each in found["serial"].items()} == {"first": 404, "second": 424}
