"""Imports without rich: structlog and httpx import it if it is there, for output that a service does not have.

It costs an idle process 3 MB.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_rich() -> Iterator[None]:
    """Within the block ``import rich`` is an ImportError, unless rich was imported before."""
    hidden = "rich" not in sys.modules
    if hidden:
        sys.modules["rich"] = None  # type: ignore[assignment]  # documented: then an import fails
    try:
        yield
    finally:
        if hidden:
            del sys.modules["rich"]
