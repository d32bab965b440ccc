"""README.md's two ways to begin, which run until they are stopped: the demo, and the service with SQLite."""

import re

from tests.docs import pages
from tests.flow.service import free_port
from tests.waiting import wait_until

BEGINNINGS = [block.text for block in pages.blocks("README.md") if block.mark == "run by tests/docs/test_starting.py"]


def test_the_readme_has_two_ways_to_begin():
    assert [text.split()[0] for text in BEGINNINGS] == ["make", ".venv/bin/callkeeper"]


def test_the_service_starts_with_sqlite_and_makes_its_subscription(collecting, http):
    assert http.get("/readyz").json()["ready"] is True
    assert (collecting.folder / "data" / "callkeeper.db").is_file()


def test_make_demo_lets_calls_arrive_where_everything_is_installed(stage, tmp_path):
    out = tmp_path / "demo.txt"
    # The port that the demo takes by itself may be another's here; all else is what make would do.
    would_do = stage.run(f"{BEGINNINGS[0]} --dry-run").stdout.strip()
    assert would_do == ".venv/bin/callkeeper demo"
    a_call = re.compile(r"^\d{4}-\d\d-\d\d .* v1 ", re.MULTILINE)
    with stage.started(f"exec {would_do} --port {free_port()}", out):
        wait_until(lambda: a_call.search(out.read_text()), details=out.read_text)
