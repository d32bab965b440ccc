"""Imports without rich: structlog and httpx import it if it is there, for output that nothing of ours has.

It costs a process 5 MB. The commands import it for their own output.
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
