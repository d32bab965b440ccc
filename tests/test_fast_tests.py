"""What `make test-fast` runs starts no process, browser or server: its tests reach none of these names."""

import ast
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STARTERS = (
    "subprocess",
    "multiprocessing",
    "playwright",
    "uvicorn",
    "app.simulator.server",
    "app.web.server",
    "tests.flow",
    "tests.web.pages.browser",
)
# Functions of modules that are otherwise harmless.
CALLS = re.compile(r"create_subprocess_\w+|start_server|start_unix_server|create_server")


def fast_files():
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    named = shlex.split(re.search(r"^FAST := (.*)$", makefile, re.MULTILINE)[1])
    paths = [ROOT / name for name in named]
    return sorted({file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])})


def starting(tree, inherited=frozenset()):
    """The names in a module through which something is started: imports, and the functions and fixtures that use them."""
    names = set(inherited)
    for node in ast.walk(tree):
        match node:
            case ast.Import(aliases):
                names |= {a.asname or a.name.partition(".")[0] for a in aliases if a.name.startswith(STARTERS)}
            case ast.ImportFrom(module, aliases):
                names |= {a.asname or a.name for a in aliases if f"{module}.{a.name}".startswith(STARTERS)}
    while more := {one.name for one in _functions(tree) if one.name not in names and _uses(one, names)}:
        names |= more
    return frozenset(names)


def _functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _uses(function, names):
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    used |= {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)}
    called = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    return bool(used & names) or any(CALLS.fullmatch(name) for name in called)


def unmarked(source, inherited=frozenset()):
    """The tests of a module that start something and are not marked slow."""
    tree = ast.parse(source)
    if _is_marked_slow(tree):
        return []
    names = starting(tree, inherited)
    slow = [
        function for function in _functions(tree) if any("mark.slow" in ast.unparse(d) for d in function.decorator_list)
    ]
    return [
        function.name
        for function in _functions(tree)
        if function.name.startswith("test_") and function.name in names and function not in slow
    ]


def _is_marked_slow(tree):
    """Whether the mark is on the whole module."""
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    return any(
        ast.unparse(one.targets[0]) == "pytestmark" and "mark.slow" in ast.unparse(one.value) for one in assigned
    )


def conftests(file):
    """What the fixtures that a test may ask for start."""
    names = frozenset()
    for folder in reversed([folder for folder in file.parents if folder.is_relative_to(ROOT / "tests")]):
        conftest = folder / "conftest.py"
        if folder != ROOT / "tests" and conftest.is_file():
            names = starting(ast.parse(conftest.read_text()), names)
    return names


def test_no_fast_file_starts_anything():
    files = fast_files()
    assert len(files) > 50
    found = {str(file.relative_to(ROOT)): unmarked(file.read_text(), conftests(file)) for file in files}
    assert {name: tests for name, tests in found.items() if tests} == {}


SOURCES = [
    ("import subprocess\ndef test_a(): subprocess.run([])", ["test_a"]),
    ("import subprocess\ndef test_a(): pass", []),
    ("import subprocess\n@pytest.mark.slow\ndef test_a(): subprocess.run([])", []),
    ("from app.simulator.server import start\n@fixture\ndef graph(): start()\ndef test_a(graph): pass", ["test_a"]),
    ("import subprocess\npytestmark = [pytest.mark.slow]\ndef test_a(): subprocess.run([])", []),
    ("import asyncio\nasync def test_a(): await asyncio.start_server(None)", ["test_a"]),
    ("from app.simulator.records import a_call_record\ndef test_a(): a_call_record()", []),
]


@pytest.mark.parametrize(("source", "found"), SOURCES)
def test_a_test_that_starts_something_is_found(source, found):
    assert unmarked(source) == found


def test_a_fixture_of_the_folder_counts():
    assert unmarked("def test_a(graph): pass", frozenset({"graph"})) == ["test_a"]
