"""What is measured in this process is measured as in one that has just started."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def started() -> Iterator[None]:
    """What was made so far is not looked through for garbage, as app/__main__.py does with what a program imports:
    here that is every invented person, which no service holds in its memory.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
