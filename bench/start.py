"""The start of a command: what it takes of the processor, against one whose imports are looked through for garbage."""

import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

from bench.processes import ROOT
from bench.report import Row

TIMES = 11
COMMAND = ("-m", "app", "--version")
WITH_GARBAGE = ("-c", "from app.cli import main; main()", "--version")


def run(_folder: Path) -> list[Row]:
    taken = [(_seconds(COMMAND), _seconds(WITH_GARBAGE)) for _ in range(TIMES)]
    ours, theirs = (median(times) for times in zip(*taken, strict=True))
    what = "start of a command: processor time against one with the collector running"
    return [Row(what, ours / theirs, "<=", 0.9, f"{ours:.2f} s", "the same command with Python's garbage collector on")]


def _seconds(command: tuple[str, ...]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
