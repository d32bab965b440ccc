"""`callkeeper`, which is also `python -m app`."""

import gc

# What is imported stays: looking through it for garbage, again and again, would be a sixth of the start.
gc.disable()

from app import cli  # noqa: E402 -- see above
from app.db.files import owner_only  # noqa: E402 -- likewise


def main() -> None:
    """Run one command."""
    owner_only.set_umask()
    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
