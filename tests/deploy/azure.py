"""The page on Azure Container Apps, run as a person would: every block in one shell, with a stand-in for az and curl."""

import json
import os
import subprocess
from types import SimpleNamespace

import yaml

from tests.docs import pages
from tests.sample_settings import TENANT

PAGE = "docs/azure-container-apps.md"
MARK = "run by tests/deploy/test_azure_page.py"

# Writes down what it was called with, keeps the file that --yaml names, and answers with a value of the right form.
_STAND_IN = """#!{python}
import json, pathlib, sys
folder, arguments = pathlib.Path({folder!r}), sys.argv[1:]
call = {{"arguments": arguments}}
if "--yaml" in arguments:
    call["file"] = pathlib.Path(arguments[arguments.index("--yaml") + 1]).read_text()
with (folder / "calls").open("a") as calls:
    print(json.dumps(call), file=calls)
asked = arguments[arguments.index("--query") + 1] if "--query" in arguments else ""
print({answers!r}.get(asked, "/subscriptions/s/resourceGroups/callkeeper/" + arguments[0] if asked else ""))
"""
_ANSWERS = {
    "tenantId": TENANT,
    "clientId": "99999999-2222-3333-4444-555555555555",
    "principalId": "77777777-2222-3333-4444-555555555555",
    "loginServer": "callkeeper.azurecr.io",
    "properties.defaultDomain": "kind-sea.westeurope.azurecontainerapps.io",
}


def script():
    return "\n".join(block.text for block in pages.blocks(PAGE) if block.mark == MARK)


def run(folder, python):
    """Every call of az in its order; AssertionError if the shell stops at one."""
    tools = folder / "bin"
    tools.mkdir()
    for name in ("az", "curl"):
        (tools / name).write_text(_STAND_IN.format(python=python, folder=str(tools), answers=_ANSWERS))
        (tools / name).chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(folder)}
    shell = ["sh", "-eu", "-c", script()]
    ended = subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return [_call(json.loads(line)) for line in (tools / "calls").read_text().splitlines()]


def _call(call):
    file = yaml.safe_load(call["file"]) if "file" in call else None
    return SimpleNamespace(arguments=call["arguments"], line=" ".join(call["arguments"]), file=file)
