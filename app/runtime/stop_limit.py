"""The end of a process that was asked to stop, whatever hangs in it: a login, a database, a thread."""

import os
import sys
import threading
import time

from app.observability import log

STOP_SECONDS = 13.0
"""From the signal: orchestrators send SIGKILL after 15 s or more."""

_log = log.get(__name__)


def end_after(seconds: float = STOP_SECONDS) -> None:
    """End this process with status 1 unless it has ended by then.

    Nothing is lost: what was answered with 202 is committed, and claims of the inbox expire. An interpreter that ends
    in the usual way would wait for its threads, of which one may wait for a host that does not answer.
    """
    threading.Thread(target=_end, args=(seconds,), daemon=True, name="stop-limit").start()


def _end(seconds: float) -> None:
    time.sleep(seconds)
    _log.error("stop_forced", seconds=seconds)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)
