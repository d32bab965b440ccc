#!/venv/bin/python
"""The image's `callkeeper`. The first process of a container gets no SIGTERM that it did not ask for."""

import os
import signal
import sys

IN_THE_VOLUME = "sqlite:////data/callkeeper.db"


def stop(*_: object) -> None:
    """Until `serve` and its like listen to the signal themselves."""
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    if "DATABASE_URL_FILE" not in os.environ:  # both at once would be an error
        os.environ.setdefault("DATABASE_URL", IN_THE_VOLUME)
    from app.__main__ import main  # takes a second, in which a stop may come already

    main()
