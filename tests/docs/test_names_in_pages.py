"""What pages name exists: settings, commands with their options, routes."""

import re
from inspect import signature

import pytest
from pydantic import SecretStr

from app.settings.environment import Settings
from app.web import app as web
from app.web.webhook import routes as webhook_routes
from tests.docs import command_line, pages

FIELDS = {name.upper(): field for name, field in Settings.model_fields.items()}
FIRST_WORDS = "|".join(sorted({name.split("_")[0] for name in FIELDS}))
_SETTING = re.compile(rf"(?<![\w.$/-])(?:{FIRST_WORDS})(?:_[A-Z0-9]+)+(?![\w-])")
# Not ours, though they begin as ours do.
OTHERS = {"SSL_CERT_DIR"}

_ROUTE = re.compile(r"(https?://[\w.:-]+|(?<![\w.}/$*]))(/[^\s\"'`,]*)")
_FILE = re.compile(r"^(?:app|tests|deploy|migrations|docs|bench)/[\w./-]*(?=$|:)")
HERE = ("", "http://localhost:8000", "http://127.0.0.1:8000", "https://callkeeper.example.com")
_OURS = re.compile(r"/(?:api|v1\.0|graph|healthz|readyz|metrics|docs|openapi\.json)(?:[/?.{]|…|$)")


def is_setting(name):
    """A field, or the file of a secret one."""
    stem = name.removesuffix("_FILE")
    return name in FIELDS or name in OTHERS or (stem in FIELDS and SecretStr in _types(FIELDS[stem].annotation))


def _types(annotation):
    return getattr(annotation, "__args__", ()) or (annotation,)


def test_every_setting_that_is_named_exists():
    named = {(page, name) for page in pages.names() for code in pages.code(page) for name in _SETTING.findall(code)}
    assert {name for _, name in named} >= {"DATABASE_URL", "AZURE_CLIENT_SECRET_FILE"}
    assert sorted((page, name) for page, name in named if not is_setting(name)) == []


def commands(page):
    for block in pages.blocks(page):
        if block.is_commands:
            yield from command_line.in_block(block.text)
    for span in pages.spans(page):
        if (line := command_line.in_span(span)) is not None:
            yield line


def test_every_command_that_is_named_is_taken_by_the_command_line():
    named = [(page, line) for page in pages.names() for line in commands(page)]
    assert {"doctor", "serve"} <= {line for _, line in named}
    assert [(page, wrong) for page, line in named if (wrong := command_line.problem(line))] == []


COMMANDS = [
    ("serve --host 0.0.0.0 --port 8000", None),
    ("subscriptions ensure --every 6h", None),
    ("inbox retry ID… --all-failed", None),
    ("keys create reports --scope read", None),
    ("sing", "callkeeper has no command sing"),
    ("serve --no-wroker", "callkeeper serve has no option --no-wroker"),
    ("subscriptions ensure now", "callkeeper subscriptions ensure has no command now"),
]


@pytest.mark.parametrize(("line", "wrong"), COMMANDS)
def test_a_command_is_held_against_the_command_line(line, wrong):
    assert command_line.problem(line) == wrong


BLOCKS = [
    ("callkeeper keys list", ["keys list"]),
    ("KEY=$(callkeeper keys create a --scope admin)", ["keys create a --scope admin"]),
    ("cd /opt && LOG_LEVEL=debug .venv/bin/callkeeper serve \\\n  --port 1 | tee log", ["serve --port 1"]),
    ("docker compose exec web callkeeper status", ["status"]),
    ("0 */6 * * * root /opt/.venv/bin/callkeeper subscriptions ensure", ["subscriptions ensure"]),
    ("az containerapp create --name callkeeper --image x", []),
    ("# callkeeper keeps", []),
]


@pytest.mark.parametrize(("text", "found"), BLOCKS)
def test_commands_are_found_in_blocks(text, found):
    assert command_line.in_block(text) == found


def test_every_file_of_the_project_that_is_named_exists():
    named = {(page, name) for page in pages.names() for span in pages.spans(page) for name in _FILE.findall(span)}
    assert "app/settings/environment.py" in {name for _, name in named}
    assert sorted((page, name) for page, name in named if "NNNN" not in name and not (pages.ROOT / name).exists()) == []


@pytest.fixture(scope="module")
def routes():
    """Every path that is answered, a name in braces standing for anything."""
    assert "context" in signature(web.api).parameters
    described = list(web.api(None).openapi()["paths"])
    return [*described, *webhook_routes.routes(None, None), "/docs", "/docs/{name}", "/openapi.json"]


def paths(page):
    texts = [*pages.spans(page), *(block.text for block in pages.blocks(page) if block.language != "nginx")]
    found = {pair for text in texts for pair in _ROUTE.findall(text)}
    return {path for host, path in found if host in HERE and _OURS.match(path)}


def test_every_route_that_is_named_exists(routes):
    named = [(page, path) for page in pages.names() for path in paths(page)]
    assert "/graph/notifications" in {path for _, path in named}
    assert sorted((page, path) for page, path in named if not answers(routes, path)) == []


def answers(routes, path):
    """Whether it is a route; one that ends in … or * or is a first part alone stands for all that begin so."""
    path = path.split("?")[0].rstrip(".:;)")
    begins = path.rstrip("…*")
    if begins != path or path.count("/") == 1 or path.endswith("/"):
        return any(route == path or route.startswith(f"{begins.rstrip('/')}/") for route in routes) or (
            begins != path and any(route.startswith(begins) for route in routes)
        )
    return any(_fits(route, path) for route in routes)


def _fits(route, path):
    """ID, $ID and {id} all fit a name in braces."""
    return re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(route)), path) is not None


PATHS = [
    ("/api/calls?from=2026-01-01", True),
    ("/api/calls/{id}/record", True),
    ("/api/calls/ID", True),
    ("/v1.0/communications/callRecords…", True),
    ("/graph/notifications", True),
    ("/api", True),
    ("/api/*", True),
    ("/apiary", False),
    ("/api/cals", False),
    ("/api/calls/{id}/nothing", False),
]


@pytest.mark.parametrize(("path", "known"), PATHS)
def test_a_path_is_held_against_the_routes(path, known, routes):
    assert answers(routes, path) is known
