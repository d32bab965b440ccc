"""Every block of commands is run by a test, or says why it cannot be."""

import re

import pytest

from tests.docs import pages

COMMANDS = [block for block in pages.every_block() if block.is_commands]
_RUN_BY = re.compile(r"run by (tests/[\w/]+\.py)")


def problem(block):
    """What is wrong with a block's mark, or None."""
    if block.mark == "run":
        return None if block.language == "sh" else "only sh is run as written"
    if block.mark.startswith("not run: "):
        return None if len(block.mark.split()) > 4 else "its reason is not a sentence"
    found = _RUN_BY.fullmatch(block.mark)
    if not found:
        return "it has no mark: <!-- run -->, <!-- run by tests/….py --> or <!-- not run: why -->"
    test = pages.ROOT / found[1]
    if not test.is_file():
        return f"there is no {found[1]}"
    return None if block.page.rpartition("/")[2] in test.read_text() else f"{found[1]} does not read this page"


def test_every_block_of_commands_is_run_or_says_why_not():
    assert len(COMMANDS) > 50
    assert {block.place: wrong for block in COMMANDS if (wrong := problem(block))} == {}


MARKED = [
    ("sh", "run", True),
    ("powershell", "run", False),
    ("sh", "", False),
    ("sh", "not run: because", False),
    ("sh", "not run: it needs an Entra tenant", True),
    ("sh", "run by tests/docs/no_such_test.py", False),
    ("sh", "run by tests/docs/test_names_in_pages.py", False),
    ("sh", "run by tests/docs/test_starting.py", True),
]


@pytest.mark.parametrize(("language", "mark", "good"), MARKED)
def test_a_mark_is_one_of_three(language, mark, good):
    assert (problem(pages.Block("README.md", 1, language, "", mark)) is None) is good


def test_commands_are_in_blocks_whose_language_says_so():
    odd = [block.place for block in pages.every_block() if block.language in {"", "bash", "shell", "pwsh", "cmd"}]
    assert odd == []
