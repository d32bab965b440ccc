"""The commands of a page of the documentation, as a reader would copy them."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"<!-- run by (\S+) -->\n```sh\n(.*?)```", re.DOTALL)


def blocks(page, test):
    """The texts of the blocks that this test runs, in their order."""
    here = Path(test).relative_to(DOCS.parent).as_posix()
    return [lines for by, lines in _BLOCK.findall((DOCS / page).read_text()) if by == here]
