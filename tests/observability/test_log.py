import asyncio
import gc
import json
import logging
import ssl
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
import structlog

from app.observability import log

EVENTS = ("debug", "info", "warning", "error")


@pytest.fixture
def logged(capsys):
    """Configures the log and returns what came on standard error, line by line; the log is as before at the end."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook

    def lines():
        return capsys.readouterr().err.splitlines()

    yield lines
    root.handlers[:], root.level = before
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)
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
    entry = json.loads(line)
    assert (entry["event"], entry["level"], entry["logger"]) == ("library", "warning", "uvicorn.error")
    assert entry["message"] == "port 8000 is taken"


def test_what_spans_lines_is_still_one_line(logged):
    log.configure("info", "json")
    log.get("test").info("odd", text="one\ntwo")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task s3cret>")
    lines = logged()
    assert [json.loads(line)["event"] for line in lines] == ["odd", "library"]
    assert json.loads(lines[1])["message"] == "Task exception was never retrieved"
    assert "s3cret" not in "".join(lines)


def test_what_json_does_not_know_is_written_as_text(logged):
    log.configure("info", "json")
    log.get("test").info("odd", moment=object(), odd="\udc80ünï")
    assert json.loads(logged()[0])["event"] == "odd"


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize("name", ["ours", "uvicorn.error"])
def test_an_exception_is_reported_by_its_kinds_and_places_without_any_value(logged, style, name):
    log.configure("info", style)
    tell = log.get(name) if name == "ours" else logging.getLogger(name)
    tell.error("failed", exc_info=a_failure())
    said = "\n".join(logged())
    assert "RuntimeError" in said
    assert "ValueError" in said
    assert "a_failure tests" in said.replace(f"{Path(__file__).parents[2]}/", "")
    assert "Adele" not in said
    assert "s3cret" not in said


def test_an_exception_that_is_being_handled_is_reported_likewise(logged):
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


def test_a_warning_is_an_event(logged):
    log.configure("info", "json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)  # which the block above has taken back
        warnings.warn("old\nand new", DeprecationWarning, stacklevel=1)
    (entry,) = map(json.loads, logged())
    assert (entry["event"], entry["logger"], entry["level"]) == ("library", "py.warnings", "warning")
    assert entry["message"].endswith("DeprecationWarning: old")


def test_an_uncaught_exception_in_a_thread_is_an_event(logged):
    log.configure("info", "json")
    thread = threading.Thread(target=int, args=("Adele Vance",))
    thread.start()
    thread.join()
    (line,) = logged()
    assert (json.loads(line)["event"], json.loads(line)["level"]) == ("thread_crashed", "critical")
    assert "Adele" not in line


class Spoiled:
    def __del__(self):
        raise RuntimeError("Adele Vance")


def test_what_cannot_be_raised_is_an_event(logged):
    log.configure("info", "json")
    Spoiled()
    gc.collect()
    (line,) = logged()
    assert (json.loads(line)["event"], json.loads(line)["exception"][:12]) == ("unraisable_error", "RuntimeError")
    assert "Adele" not in line


@pytest.mark.slow
def test_a_process_that_crashes_says_so_in_one_line():
    program = "from app.observability import log; log.configure('info', 'json'); int('Adele\\nVance')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)  # noqa: PLW1510
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, json.loads(line)["event"]) == (1, "crashed")
    assert "Adele" not in line


def reported_by_a_loop(wrong):
    async def main():
        asyncio.get_running_loop().set_exception_handler(log.log_loop_error)
        wrong()
        await asyncio.sleep(0)
        gc.collect()

    asyncio.run(main())


def test_what_the_event_loop_complains_of_is_an_event_without_values(logged):
    log.configure("info", "json")
    reported_by_a_loop(lambda: asyncio.get_running_loop().call_soon(int, "Adele Vance"))
    (line,) = logged()
    entry = json.loads(line)
    assert (entry["event"], entry["message"]) == ("event_loop_error", "Exception in callback int")
    assert entry["exception"].startswith("ValueError")
    assert "Adele" not in line


def test_a_tls_connection_that_is_cut_is_no_mistake(logged):
    log.configure("info", "json")
    cut = {"message": "Fatal error on SSL protocol", "exception": ssl.SSLError("cut"), "transport": object()}
    reported_by_a_loop(lambda: asyncio.get_running_loop().call_exception_handler(cut))
    (entry,) = map(json.loads, logged())
    assert (entry["event"], entry["level"], entry["error"]) == ("tls_connection_cut", "info", "SSLError")
