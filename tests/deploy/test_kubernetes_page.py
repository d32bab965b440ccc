import re
import shutil
import subprocess

import pytest
import yaml

from tests.deploy.commands import parsed
from tests.deploy.manifests import APPLIED, FOLDER, ROOT, name
from tests.docs import pages
from tests.some import some

PAGE = "docs/kubernetes.md"
BLOCK = "kubectl kustomize deploy/kubernetes"


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_kubectl_makes_of_the_kustomization_what_the_files_hold():
    (block,) = [block for block in pages.blocks(PAGE) if block.mark == "run by tests/deploy/test_kubernetes_page.py"]
    assert block.text == BLOCK
    ended = subprocess.run(BLOCK.split(), cwd=ROOT, capture_output=True, text=True, check=True)
    made = {name(found): found for found in yaml.safe_load_all(ended.stdout)}
    assert made == {name(found): found for found in APPLIED}


def test_the_page_names_every_file():
    files = {file.name for file in FOLDER.iterdir() if file.is_file()}
    assert files == set(re.findall(r"^\| `([\w.]+)` \|", pages.text(PAGE), re.MULTILINE))
    for path in some(re.findall(r"\boptional/[\w.-]+\.yaml", pages.text(PAGE))):
        assert (FOLDER / path).is_file()


def test_objects_that_commands_name_are_there():
    named = re.findall(r"\b(deployment|job|cronjob)/([\w-]+)", pages.text(PAGE))
    there = {name(found).lower() for found in APPLIED}
    assert {f"{kind} {which}" for kind, which in named if which != "callkeeper-renew-now"} <= there


def test_the_keeper_that_may_take_the_cronjobs_place_is_a_command():
    (line,) = re.findall(r"`(subscriptions ensure --every [^`]+)`", pages.text(PAGE))
    _, options = parsed(line.split())
    assert (options["every"], options["port"]) == ("6h", 9464)
