"""`callkeeper`, which is also `python -m app`."""

import gc
import os

# What is imported stays: looking through it for garbage, again and again, would be a sixth of the start.
gc.disable()

from app import cli  # noqa: E402 -- see above

UMASK = 0o077  # of every command: the files that it creates are for its own user alone


def main() -> None:
    """Run one command."""
    os.umask(UMASK)
    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
