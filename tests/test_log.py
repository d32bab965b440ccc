import json
import logging
import sys
from pathlib import Path

import pytest
import structlog

from app import log

EVENTS = ("debug", "info", "warning", "error")


@pytest.fixture
def logged(capsys):
    """Configures the log and returns what came on standard error, line by line; the log is as before at the end."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def lines():
        return capsys.readouterr().err.splitlines()

    yield lines
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def a_failure():
    name_of_a_person = "Adele Vance"
    try:
        int(name_of_a_person)
    except ValueError as error:
        failure = RuntimeError("s3cret")
        failure.__cause__ = error
        return failure


def test_on_a_pipe_an_event_is_one_line_of_json_with_its_fields(logged):
    log.configure("info", None)
    log.get("test").info("call_saved", call_id="abc", version=2)
    [line] = logged()
    entry = json.loads(line)
    assert (entry["event"], entry["call_id"], entry["version"], entry["level"]) == ("call_saved", "abc", 2, "info")
    assert entry["timestamp"].endswith("Z")


def test_lines_of_libraries_are_json_too(logged):
    log.configure("info", "json")
    logging.getLogger("uvicorn.error").warning("port %s is taken", 8000)
    [line] = logged()
    assert (json.loads(line)["event"], json.loads(line)["level"]) == ("port 8000 is taken", "warning")


def test_what_spans_lines_is_still_one_line(logged):
    log.configure("info", "json")
    log.get("test").info("odd", text="one\ntwo")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task s3cret>")
    lines = logged()
    assert [json.loads(line)["event"] for line in lines] == ["odd", "Task exception was never retrieved"]
    assert "s3cret" not in "".join(lines)


def test_what_json_does_not_know_is_written_as_text(logged):
    log.configure("info", "json")
    log.get("test").info("odd", moment=object(), odd="\udc80ünï")
    assert json.loads(logged()[0])["event"] == "odd"


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize("name", ["ours", "uvicorn.error"])
def test_an_exception_is_told_by_its_kinds_and_places_without_any_value(logged, style, name):
    log.configure("info", style)
    tell = log.get(name) if name == "ours" else logging.getLogger(name)
    tell.error("failed", exc_info=a_failure())
    said = "\n".join(logged())
    assert "RuntimeError" in said
    assert "ValueError" in said
    assert "a_failure tests" in said.replace(f"{Path(__file__).parents[1]}/", "")
    assert "Adele" not in said
    assert "s3cret" not in said


def test_an_exception_that_is_being_handled_is_told_likewise(logged):
    log.configure("info", "json")
    try:
        raise a_failure()
    except RuntimeError:
        log.get("test").exception("failed")
    [line] = logged()
    assert json.loads(line)["exception"].startswith("RuntimeError")


def test_a_line_without_an_exception_names_none(logged):
    log.configure("info", "json")
    logging.getLogger("uvicorn.error").error("failed", exc_info=True)  # noqa: LOG014 -- as a library may
    assert "exception" not in json.loads(logged()[0])


def test_console_lines_are_for_people(logged):
    log.configure("info", "console")
    log.get("test").info("call_saved", call_id="abc")
    [line] = logged()
    assert not line.startswith("{")
    assert "call_saved" in line
    assert "call_id=abc" in line


def test_on_a_terminal_lines_are_for_people_by_default(logged, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    log.configure("info", None)
    log.get("test").info("call_saved")
    assert not logged()[0].startswith("{")


@pytest.mark.parametrize(("level", "seen"), [(level, EVENTS[n:]) for n, level in enumerate(EVENTS)])
def test_only_what_reaches_the_level_is_logged(logged, level, seen):
    log.configure(level, "json")
    for event in EVENTS:
        getattr(log.get("test"), event)(event)
    assert tuple(json.loads(line)["event"] for line in logged()) == seen


def test_what_libraries_say_of_each_request_is_left_out(logged):
    log.configure("info", "json")
    for name in ("httpx", "uvicorn.access", "msal"):
        logging.getLogger(name).info("GET https://host/?validationToken=s3cret")
    assert logged() == []


def test_configuring_twice_does_not_log_twice(logged):
    log.configure("info", "json")
    log.configure("info", "json")
    log.get("test").info("once")
    assert len(logged()) == 1


def test_a_logger_made_before_the_configuration_follows_it(logged):
    early = log.get("early")
    log.configure("info", "json")
    early.info("event")
    assert json.loads(logged()[0])["event"] == "event"
