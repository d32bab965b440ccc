"""Ids of calls and tenants have one normal form, which the edges make; below them no id is changed."""

import ast
from pathlib import Path
from uuid import UUID

import pytest

from app import ids

APP = Path(ids.__file__).parent
GUID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"

# Whose words have one letter case: neither of an id.
FOLDS = {
    "archive/diagnosis/": "labels of media, stages of failures, and the first letter of a sentence",
    "archive/directory/file.py": "the names of columns of a file",
    "archive/erasure/requests/elsewhere.py": "ids of people in the audit",
    "archive/erasure/mentions.py": "names and addresses in a text",
    "archive/outcomes/": "roles, user agents and reasons of failures",
    "archive/parse/failures.py": "members of an enumeration",
    "archive/parse/identities/identifiers.py": "what identifies a person, in its own normal form",
    "archive/parse/identities/identity.py": "a word of Graph",
    "archive/parse/identities/took_part.py": "words of ours and of Graph",
    "archive/parse/join_url.py": "a host",
    "archive/parse/quality.py": "a label and a codec",
    "archive/people/counterparts.py": "kinds of identities",
    "archive/people/endpoints.py": "ids and addresses of people",
    "archive/queries/paging/graph_record_pages.py": "the id of a participant, which is stored as Graph wrote it",
    "archive/sites/files/": "the first word of a header, and a BSSID",
    "archive/sites/located.py": "a label of media",
    "archive/sites/overview.py": "names of buildings, to sort them",
    "archive/schema/graph_types.py": "a name of Graph as the name of a column",
    "archive/voice_apps/file.py": "names of columns and of kinds",
    "doctor/database/network_of.py": "the name of a host",
    "doctor/network/handshake.py": "a content type",
    "fetch/failures.py": "the name of a class",
    "fetch/retry.py": "the name of a class",
    "subscriptions/graph.py": "a resource",
    "subscriptions/refusals.py": "a text of Graph",
    "telephony/queries/log_filters.py": "the name of a trunk",
}
BELOW_THE_EDGES = (
    "access",
    "archive",
    "db",
    "doctor",
    "export",
    "fetch",
    "health",
    "inbox",
    "subscriptions",
    "telephony",
)


@pytest.mark.parametrize(
    "given", [GUID, GUID.upper(), f"{{{GUID}}}", f"({GUID})", GUID.replace("-", ""), f" {GUID}\n", UUID(GUID)]
)
def test_every_way_to_write_a_guid_is_the_same_id(given):
    assert (ids.call_id(given), ids.tenant_id(given), ids.guid(str(given))) == (GUID, GUID, GUID)


@pytest.mark.parametrize(
    "given", ["", "Contoso", GUID[:-1], f"{GUID}0", f"x{GUID}", "0x1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d"]
)
def test_a_text_that_is_no_guid_is_none_and_as_an_id_differs_only_in_its_letter_case(given):
    assert ids.guid(given) is None
    assert ids.call_id(given) == given.lower()


def test_ids_are_the_same_however_they_are_written():
    assert ids.is_same(f"{{{GUID.upper()}}}", GUID)
    assert not ids.is_same(GUID, GUID.replace("0a", "0b"))


def folds(path):
    """The expressions of a module whose letter case is folded."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    named = ((call, call.func) for call in calls if isinstance(call.func, ast.Attribute))
    return [ast.unparse(name.value) for _, name in named if name.attr in {"lower", "casefold"}]


def test_no_module_below_the_edges_folds_the_letter_case_of_an_id():
    modules = [path for folder in BELOW_THE_EDGES for path in sorted((APP / folder).rglob("*.py"))]
    found = [str(path.relative_to(APP)) for path in modules if folds(path)]
    assert {path for path in found if not path.startswith(tuple(FOLDS))} == set()
    assert {named for named in FOLDS if not any(path.startswith(named) for path in found)} == set()


def test_the_edges_leave_the_normal_form_of_ids_to_one_module():
    modules = [
        path for folder in ("cli", "graph", "runtime", "settings", "web") for path in (APP / folder).rglob("*.py")
    ]
    found = [(path.name, text) for path in modules for text in folds(path) if "_id" in text or "tenant" in text]
    assert found == []
    assert [path for path in modules if "str(UUID(" in path.read_text()] == []
