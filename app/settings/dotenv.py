"""The file ``.env``: where it is, and names in it that look like settings and are none."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path

FILE = Path(".env")
_OURS = ("AZURE_", "GRAPH_")


def where() -> str:
    """For messages: from where settings are read."""
    folder = Path.cwd()
    return (
        f"the environment and {folder / FILE}" if FILE.is_file() else f"the environment; there is no .env in {folder}"
    )


def unknown_names(known: Collection[str]) -> Iterator[str]:
    """A line for each name that begins like our settings and is none, with the setting that was probably meant."""
    if not FILE.is_file():
        return
    from dotenv import dotenv_values  # noqa: PLC0415 -- only where there is such a file

    for name in dotenv_values(FILE, interpolate=False):
        if name.upper().startswith(_OURS) and name.upper() not in known:
            similar = get_close_matches(name.upper(), known, 1)
            meant = f"; did you mean {similar[0]}?" if similar else ""
            yield f"{Path.cwd() / FILE}: {name} is not a setting and has no effect{meant}"
