#!/venv/bin/python
"""The image's `callkeeper`. The kernel ignores SIGTERM for a container's first process unless it installs a handler."""

import os
import signal
import sys

IN_THE_VOLUME = "sqlite:////data/callkeeper.db"


def stop(*_: object) -> None:
    """Handle the signal until `serve` and other commands install their own handlers."""
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    if "DATABASE_URL_FILE" not in os.environ:  # both at once would be an error
        os.environ.setdefault("DATABASE_URL", IN_THE_VOLUME)
    from app.__main__ import main  # takes a second, during which SIGTERM may arrive

    main()
