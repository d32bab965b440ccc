"""Compiled Python is stored, whatever PYTHONDONTWRITEBYTECODE says.

Without it each process of a run compiles the program again, and each that collects tests rewrites all their assertions.
"""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # of the processes that tests start
