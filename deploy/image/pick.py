"""Print the lines of requirements-dev.lock, hashes included, for the program's extras or for building it.

python pick.py parquet otel    the packages for these extras; the name `build` selects the build requirements
"""

# ruff: noqa: INP001 -- a script, not a module

import re
import sys
import tomllib
from pathlib import Path


def main(wanted: list[str]) -> None:
    blocks = read(Path("requirements-dev.lock").read_text())
    project = tomllib.loads(Path("pyproject.toml").read_text())
    for name in sorted(closure(roots(project, wanted), blocks)):
        sys.stdout.write(blocks[name])


def roots(project: dict, wanted: list[str]) -> set[str]:
    """The packages that pyproject.toml names for these extras; an unknown extra ends the build."""
    offered = {**project["project"]["optional-dependencies"], "build": project["build-system"]["requires"]}
    if unknown := set(wanted) - set(offered):
        sys.exit(f"no such extra: {', '.join(sorted(unknown))}; there are {', '.join(sorted(offered))}")
    return {normal(re.match(r"[\w.-]+", line)[0]) for extra in wanted for line in offered[extra]}


def read(lock: str) -> dict[str, str]:
    """Each package's lines: its version, its hashes, and the comment that names the packages that require it."""
    blocks = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)
    return {normal(block.partition("==")[0]): block for block in blocks if "==" in block}


def closure(names: set[str], blocks: dict[str, str]) -> set[str]:
    """These packages and all packages that they require."""
    while more := {name for name, block in blocks.items() if name not in names and parents(block) & names}:
        names = names | more
    return names


def parents(block: str) -> set[str]:
    comment = block.partition("# via")[2]
    return {normal(word) for word in re.findall(r"^[ #]*([\w.-]+)$", comment, flags=re.MULTILINE)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(sys.argv[1:])
