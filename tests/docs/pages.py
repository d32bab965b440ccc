"""The pages of the documentation, read: their blocks of commands with their marks, their links, headings and code."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMANDS = ("sh", "powershell", "console")

_FENCE = re.compile(r"^ *```(\w*) *$")
_COMMENT = re.compile(r"<!-- *((?:(?!-->).)*?) *-->\s*\Z", re.DOTALL)
_LINK = re.compile(r"(?<!`)\[(?:[^\]`]|`[^`]*`)*\]\(([^)\s]+)\)|\b(?:src|srcset|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its lines without the list's indentation, and the comment right before it."""

    page: str
    line: int
    language: str
    text: str
    mark: str

    @property
    def place(self):
        return f"{self.page}:{self.line}"

    @property
    def is_commands(self):
        return self.language in COMMANDS


@cache
def names():
    """Every page, by its path from the project's root."""
    return sorted(
        str(file.relative_to(ROOT))
        for pattern in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/**/*.md")
        for file in ROOT.glob(pattern)
    )


@cache
def text(page):
    return (ROOT / page).read_text()


@cache
def blocks(page):
    """The fenced blocks of a page in their order; AssertionError where one does not end."""
    found, begun = [], None
    lines = text(page).splitlines()
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence and begun is None:
            begun = number, fence[1]
        elif fence:
            found.append(_block(page, lines, *begun, number))
            begun = None
    assert begun is None, f"{page}:{begun[0] + 1}: this block does not end"
    return found


def every_block():
    return [block for page in names() for block in blocks(page)]


def _block(page, lines, begin, language, end):
    indent = len(lines[begin]) - len(lines[begin].lstrip())
    before = _COMMENT.search("\n".join(lines[:begin]))
    mark = before[1] if before and begin and lines[begin - 1].rstrip().endswith("-->") else ""
    body = "\n".join(line[indent:] for line in lines[begin + 1 : end])
    return Block(page, begin + 1, language, body, " ".join(mark.split()))


def prose(page):
    """The page without its fenced blocks and comments."""
    without = re.sub(r"^ *```.*?^ *``` *$", "", text(page), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"<!--.*?-->", "", without, flags=re.DOTALL)


def links(page):
    return [first or second for first, second in _LINK.findall(prose(page))]


def anchors(page):
    """What a link may name of a page, as GitHub makes it of the headings."""
    made = []
    for heading in _HEADING.findall(prose(page)):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        made.append(f"{slug}-{made.count(slug)}" if slug in made else slug)
    return made


def code(page):
    """What stands in backticks in the prose, and each block's text."""
    return [*_spans(page), *(block.text for block in blocks(page))]


def _spans(page):
    return [" ".join(found.split()) for found in re.findall(r"`([^`]+)`", prose(page))]


def spans(page):
    return _spans(page)
