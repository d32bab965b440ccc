"""The machine's Chromium: its path and flags, and the reason where it is missing."""

import os
import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NONE = f"no Chromium was found, by CHROMIUM or on PATH as {', '.join(NAMES)}, and none could be installed"
# Its own network habits are off: on a closed network each would be a wait.
FLAGS = (
    "--no-sandbox",  # a container's root has no other way, and it opens nothing but our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",  # there is none: what stands in for it needs no process of its own
)


def path():
    """Of the program to start; None where there is none."""
    given = os.environ.get("CHROMIUM")
    return shutil.which(given) if given else next(filter(None, map(shutil.which, NAMES)), None)


async def launch(playwright):
    return await playwright.chromium.launch(executable_path=path(), args=FLAGS)
