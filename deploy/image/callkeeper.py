#!/venv/bin/python
"""The image's `callkeeper`. The first process of a container gets no SIGTERM that it did not ask for."""

import signal
import sys


def stop(*_: object) -> None:
    """Until `serve` and its like listen to the signal themselves."""
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    from app.__main__ import main  # takes a second, in which a stop may come already

    main()
