"""No test passes because there was nothing to check: what `all`, `any` and loops go through is known to have items."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Calls whose result has items if one of their arguments has.
THROUGH = {"dict", "enumerate", "list", "map", "pairwise", "product", "reversed", "set", "sorted", "tuple", "zip"}
VIEWS = {"items", "keys", "values", "split", "splitlines"}


def empty_checks(source):
    """(line, what) of each check of a test module that passes where there are no items."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, FUNCTIONS)]
    return sorted({found for function in functions for found in _empty_checks(function)})


def _empty_checks(function):
    checked = _checked_names(function)
    for node in _own(function):
        match node:
            case ast.Assert(test=ast.Call(func=ast.Name("all"), args=[items])) if not _judges(items, checked):
                yield node.lineno, "all"
            case ast.Assert(test=ast.UnaryOp(ast.Not(), ast.Call(func=ast.Name("any"), args=[items]))):
                if not _judges(items, checked):
                    yield node.lineno, "not any"
            case ast.For(iter=items, body=body) if _asserts(body) and not _has_items(items, checked):
                yield node.lineno, "for"
    if function.name.startswith("test_") and _asserts(function.body) and not _unconditional(function.body):
        yield function.lineno, "if"


def _judges(items, checked):
    """Whether the argument of `all` or `any` has items."""
    if isinstance(items, ast.GeneratorExp | ast.ListComp):
        first = items.generators[0]
        return not first.ifs and _has_items(first.iter, checked)
    return _has_items(items, checked)


def _own(function):
    """The nodes of a function without those of functions in it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FUNCTIONS):
            waiting += ast.iter_child_nodes(node)


def _checked_names(function):
    """Names that an assertion compares or that are assigned something with items."""
    checked = set()
    for node in _own(function):
        match node:
            case ast.Assert(test=ast.Call(func=ast.Name("all"))) | ast.Assert(test=ast.UnaryOp(ast.Not())):
                pass
            case ast.Assert(test=test):
                checked |= {name.id for name in ast.walk(test) if isinstance(name, ast.Name)}
    for node in sorted((n for n in _own(function) if isinstance(n, ast.Assign)), key=lambda node: node.lineno):
        if _has_items(node.value, checked):
            checked |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return checked


def _has_items(node, checked):  # noqa: PLR0911 -- a line for each kind of node
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            return any(not isinstance(one, ast.Starred) or _has_items(one.value, checked) for one in node.elts)
        case ast.Dict(keys=keys):
            return any(key is not None for key in keys)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper() or name in checked
        case ast.Await(value=value) | ast.Subscript(value=value):
            return _has_items(value, checked)
        case ast.BinOp(left=left, right=right):
            return _has_items(left, checked) or _has_items(right, checked)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return all(not each.ifs and _has_items(each.iter, checked) for each in node.generators)
        case ast.Call(func=called):
            return _gives_items(called, node.args, checked)
    return False


def _gives_items(called, arguments, checked):
    match called:
        case ast.Name(id="some" | "range"):
            return True
        case ast.Name(id=name) if name in THROUGH:
            return any(_has_items(one, checked) for one in arguments)
        case ast.Attribute(value=value, attr=name) if name in VIEWS:
            return _has_items(value, checked)
    return False


def _asserts(body):
    return any(isinstance(node, ast.Assert) for statement in body for node in ast.walk(statement))


def _unconditional(body):
    """Whether an assertion is outside every `if`, or in all its branches."""
    return any(_always_asserts(statement) for statement in body)


def _always_asserts(statement):
    match statement:
        case ast.Assert():
            return True
        case ast.If(body=yes, orelse=no):
            return _unconditional(yes) and _unconditional(no)
        case ast.Match(cases=cases):
            return all(_unconditional(case.body) for case in cases)
        case ast.For() | ast.AsyncFor() | ast.While() | ast.Try():
            return _unconditional(statement.body)
        case ast.With() | ast.AsyncWith():
            return "pytest.raises" in ast.unparse(statement) or _unconditional(statement.body)
    return False


SOURCE = """
def test_a():
    assert all(x for x in found())
    assert all(x for x in some(found()))
    assert not any(x for x in [1, 2] if x > 2)
    for x in found():
        assert x
    for y in CASES:
        assert y
def test_b():
    if found():
        assert True
def test_c():
    found = read()
    assert len(found) == 3
    assert all(found)
"""


def test_a_check_that_may_have_nothing_to_check_is_found():
    assert empty_checks(SOURCE) == [(3, "all"), (5, "not any"), (6, "for"), (10, "if")]


def test_every_check_has_something_to_check():
    sources = {str(file.relative_to(TESTS)): file.read_text(encoding="utf-8") for file in TESTS.rglob("*.py")}
    assert len(sources) > 200
    found = {name: empty_checks(source) for name, source in sources.items()}
    assert {name: checks for name, checks in found.items() if checks} == {}
