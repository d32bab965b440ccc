"""A process with as much memory as a container with a limit: in a control group of its own, where root may make one.

Otherwise its data is limited (RLIMIT_DATA), which refuses memory and does not end the process as the kernel would.
"""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Limit:
    """``enter`` is for ``preexec_fn``; ``kills`` counts the processes that the kernel ended for lack of memory."""

    kind: str
    enter: Callable[[], None]
    kills: Callable[[], int]


@contextmanager
def limited(size: int) -> Iterator[Limit]:
    """``size`` in bytes; processes must have ended before the block does."""
    group = _new_group(size)
    if group is None:
        yield Limit("RLIMIT_DATA", lambda: resource.setrlimit(resource.RLIMIT_DATA, (size, size)), lambda: 0)
        return
    try:
        yield Limit("control group", lambda: _enter(group), lambda: _kills(group))
    finally:
        group.rmdir()


def _new_group(size: int) -> Path | None:
    is_second = (_GROUPS / "cgroup.controllers").exists()
    group = (_GROUPS if is_second else _GROUPS / "memory") / f"callkeeper-bench-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        return None
    try:
        (group / ("memory.max" if is_second else "memory.limit_in_bytes")).write_text(str(size))
    except OSError:
        group.rmdir()
        return None
    return group


def _enter(group: Path) -> None:
    (group / "cgroup.procs").write_text(str(os.getpid()))


def _kills(group: Path) -> int:
    """Version 2 has it in memory.events, version 1 in memory.oom_control."""
    for name in ("memory.events", "memory.oom_control"):
        if (group / name).exists():
            pairs = dict(line.split() for line in (group / name).read_text().splitlines())
            return int(pairs.get("oom_kill", 0))
    return 0
