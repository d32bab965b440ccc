"""No file of the project has the lines that Git writes where two changes conflict."""

import re
import subprocess

import pytest

from tests.docs import pages

# Seven signs at the beginning of a line; a longer line of them is a heading or a drawing.
MARKER = re.compile(rb"^(?:<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$", re.MULTILINE)


def files():
    """Those that Git tracks; of a copy without Git, such as an archive of a release, the ones that are read most."""
    if (pages.ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=pages.ROOT, capture_output=True, check=True).stdout
        found = [pages.ROOT / name for name in listed.decode().split("\0") if name]
    else:
        found = [file for folder in ("app", "tests", "docs", "migrations") for file in (pages.ROOT / folder).rglob("*")]
    return [file for file in found if file.is_file()]


def test_no_file_has_a_line_of_a_conflict():
    found = files()
    assert len(found) > 500
    assert [str(file.relative_to(pages.ROOT)) for file in found if MARKER.search(file.read_bytes())] == []


@pytest.mark.parametrize("sign", ["<" * 7 + " HEAD", "=" * 7, ">" * 7 + " a-branch", "|" * 7 + " base"])
def test_a_line_of_a_conflict_is_found(sign):
    assert MARKER.search(f"one\n{sign}\ntwo\n".encode())
    assert not MARKER.search(f"one\n {sign}\n{sign[0]}{sign}\ntwo\n".encode())
