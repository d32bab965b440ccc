"""Which lines of the lock an image with extras is built from."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def pick(*wanted):
    command = [sys.executable, "deploy/image/pick.py", *wanted]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("wanted", "packages"),
    [
        ([], set()),
        (["parquet"], {"pyarrow"}),
        (["otel"], {"opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http", "protobuf", "requests"}),
        (["build"], {"hatchling", "pathspec", "trove-classifiers"}),
    ],
)
def test_an_extra_is_what_it_names_and_all_that_needs(wanted, packages):
    lines = pick(*wanted).stdout
    assert packages <= set(re.findall(r"^([\w.-]+)==", lines, re.MULTILINE))
    assert not {"pytest", "mypy", "duckdb"} & set(re.findall(r"^([\w.-]+)==", lines, re.MULTILINE))


def test_each_line_has_its_hashes():
    blocks = re.split(r"^(?=\w)", pick("parquet", "otel", "build").stdout, flags=re.MULTILINE)[1:]
    assert len(blocks) > 10
    assert all("--hash=sha256:" in block for block in blocks)


def test_an_unknown_extra_is_said_in_one_line():
    done = pick("parquets")
    assert done.returncode == 1
    assert done.stderr == "no such extra: parquets; there are build, otel, parquet\n"
