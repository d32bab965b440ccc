"""The start of a command: the processor time and the memory that it takes, whatever else the machine does."""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench import databases
from bench.processes import ROOT, settings
from bench.report import Row

TIMES = 3
SECONDS, MEGABYTES = 0.35, 60
COMMANDS = (["--help"], ["serve", "--help"], ["keys", "list"], ["status"])
# The peak of its own memory: what a parent reads of a child includes the memory of the parent at the fork.
PROGRAM = """
import sys
from app.__main__ import main
try:
    main()
finally:
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


class Taken(NamedTuple):
    """Seconds of processor time, and the most memory in MB that was ever resident."""

    seconds: float
    megabytes: float


def run(folder: Path) -> list[Row]:
    environment = settings(databases.sqlite(folder), 8000)
    rows: list[Row] = []
    for arguments in COMMANDS:
        _taken(arguments, environment)  # its modules are in the system's cache afterwards
        taken = [_taken(arguments, environment) for _ in range(TIMES)]
        what = f"start of `callkeeper {' '.join(arguments)}`"
        seconds, megabytes = (median(some) for some in zip(*taken, strict=True))
        rows.append(Row(f"{what}: seconds of processor time", seconds, "<=", SECONDS))
        rows.append(Row(f"{what}: peak RSS in MB", megabytes, "<=", MEGABYTES))
    return rows


def _taken(arguments: list[str], environment: dict[str, str]) -> Taken:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True
    ) as started:
        peak = started.stdout.read().split()[-2]
        _, status, usage = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)  # 1 of `status`, where nothing was collected yet
    return Taken(usage.ru_utime + usage.ru_stime, int(peak) * 1024 / 1e6)
