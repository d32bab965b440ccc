"""Test modules read no clock while they are collected: what they computed then is wrong minutes later."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def clocks_read_at_collection(source):
    """The lines on which a module reads a clock, itself or through a function of its own, when it is imported."""
    tree = ast.parse(source)
    own = {each.name for each in tree.body if isinstance(each, FUNCTIONS[:2]) and reads_clock(each, set())}
    return sorted({call.lineno for call in calls(run_at_import(tree)) if is_clock(call, own)})


def run_at_import(tree):
    """Every node but the bodies of functions; their decorators and defaults do run."""
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, FUNCTIONS):
            arguments = node.args
            waiting += [*getattr(node, "decorator_list", ()), *arguments.defaults]
            waiting += [each for each in arguments.kw_defaults if each]
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def reads_clock(function, own):
    return any(is_clock(call, own) for call in calls(ast.walk(function)))


def calls(nodes):
    return (node for node in nodes if isinstance(node, ast.Call))


def is_clock(call, own):
    match call.func:
        case ast.Attribute(value=ast.Name(id="datetime" | "date" | "time" | "dt"), attr=name):
            return name in CLOCKS
        case ast.Name(id=name):
            return name in own
    return False


def test_a_clock_is_found_in_a_constant_a_parameter_and_a_default():
    source = """
NOW = datetime.now(UTC)
def ahead(): return datetime.now(UTC) + DAY
@pytest.mark.parametrize("at", [ahead()])
def test(at, until=time.time()):
    assert datetime.now(UTC) < at
LATER = lambda: ahead()
"""
    assert clocks_read_at_collection(source) == [2, 4, 5]


def test_no_clock_is_read_at_collection():
    sources = {str(file.relative_to(TESTS)): file.read_text(encoding="utf-8") for file in TESTS.rglob("*.py")}
    assert "conftest.py" in sources
    found = {name: clocks_read_at_collection(source) for name, source in sources.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}
