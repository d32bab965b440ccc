"""docs/reference.md and app/observability/events.py say what the code does, and nothing else."""

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

from app.cli import reference
from app.observability.events import EVENTS
from app.observability.tracing.spans import SPANS
from app.settings.environment import Settings

PROJECT = Path(__file__).parents[2]
WRITTEN = (PROJECT / "docs" / "reference.md").read_text()
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
# Written by log.py itself from what a library hands to Python's own logging.
OF_LIBRARIES = {"library"}


def said(tree):
    """Each call of the log in a module: (levels or None where they are computed, name, fields)."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(ast.Name("_log"), "log"), [_, name], keywords):
                yield None, name, keywords
            case ast.Call(ast.Attribute(ast.Name("_log"), level), [name], keywords) if level in LEVELS:
                yield {"error" if level == "exception" else level}, name, keywords
            case ast.Call(ast.Attribute(ast.Name("_log"))):
                raise AssertionError(f"a log call that is not read here: {ast.unparse(node)}")


def calls():
    for file in sorted((PROJECT / "app").rglob("*.py")):
        if "simulator" not in file.parts:
            for levels, name, keywords in said(ast.parse(file.read_text())):
                yield f"{file.relative_to(PROJECT)}: {ast.unparse(name)}", levels, name, keywords


def test_each_event_has_a_constant_name_and_named_fields():
    wrong = [
        where
        for where, _, name, keywords in calls()
        if not (isinstance(name, ast.Constant) and re.fullmatch("[a-z_]+", str(name.value)))
        or any(keyword.arg is None for keyword in keywords)
    ]
    assert wrong == []


def test_every_event_is_listed_with_its_levels_and_fields_and_no_other():
    levels, fields = defaultdict(set), defaultdict(set)
    for _, at, name, keywords in calls():
        levels[name.value] |= set(EVENTS[name.value].levels) if at is None else at
        fields[name.value] |= {"exception" if k.arg == "exc_info" else k.arg for k in keywords}
    assert set(levels) | OF_LIBRARIES == set(EVENTS)
    listed = {name: event for name, event in EVENTS.items() if name not in OF_LIBRARIES}
    assert dict(levels) == {name: set(event.levels) for name, event in listed.items()}
    assert dict(fields) == {name: set(event.fields) for name, event in listed.items() if event.fields} | {
        name: set() for name, event in listed.items() if not event.fields
    }


def test_every_module_logs_through_our_own_log():
    loggers = [
        str(file)
        for file in sorted((PROJECT / "app").rglob("*.py"))
        if "simulator" not in file.parts and file.name != "log.py" and "logging.getLogger" in file.read_text()
    ]
    assert loggers == []


def test_the_page_is_what_the_code_says():
    assert reference.render() == WRITTEN, "python -m app.cli.reference > docs/reference.md"


NAMES = [
    *EVENTS,
    *SPANS,
    *(name.upper() for name in Settings.model_fields),
    *(reference.exposed(metric) for metric, _ in reference.families()),
]


def test_each_name_is_on_the_page_once():
    rows = re.findall(r"^\| `([^`]+)` \|(.*)$", WRITTEN, re.MULTILINE)
    times = Counter(name for name, _ in rows)
    assert {name: times[name] for name in NAMES} == dict.fromkeys(NAMES, 1)
    assert [name for name, rest in rows if name in NAMES and rest.count("|") < 2] == []


def test_each_metric_has_its_labels_and_its_meaning():
    assert "| `callkeeper_notifications_total` | counter | `outcome` | Items of Graph's notifications" in WRITTEN
    assert "| `callkeeper_inbox_rows` | gauge | `state` |" in WRITTEN
    assert "| `callkeeper_records_stored_total` | counter, *database* | none |" in WRITTEN
