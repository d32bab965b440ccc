"""The command line in a process that has imported everything: a start from nothing costs each command a second.

`python -m tests.docs.warm SOCKET` forks itself for whoever connects; CLIENT takes the place of `callkeeper` on the stage
and hands over its arguments, folder, environment and open files. What runs until it is stopped starts from nothing.
"""

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
from pathlib import Path

from app.cli import main

PRELOADED = ("alembic.command", "app.cli.shared.running", "app.runtime.wiring", "sqlalchemy.dialects.sqlite.aiosqlite")

CLIENT = """\
#!{python} -IS
import json, os, socket, sys
if sys.argv[1:2] and sys.argv[1] in ("serve", "worker", "demo", "simulator"):
    os.execv({program!r}, [{program!r}, *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as warm:
    warm.connect({path!r})
    asked = {{"argv": sys.argv, "cwd": os.getcwd(), "environment": dict(os.environ)}}
    socket.send_fds(warm, [json.dumps(asked).encode()], [0, 1, 2])
    sys.exit((warm.recv(1) or b"\\1")[0])
"""


def client(path):
    """The text of the program that stands for `callkeeper`."""
    program = str(Path(sys.prefix) / "bin" / "callkeeper")
    return CLIENT.format(python=sys.executable, program=program, path=str(path))


def serve(path):
    for name in PRELOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            one, _ = listening.accept()
            if os.fork() == 0:
                _answer(one)
            one.close()


def _answer(one):
    """Run what is asked and tell its status; the process ends here."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said, files, _, _ = socket.recv_fds(one, 1 << 20, 3)
    pid = os.fork()
    if pid == 0:
        _run(json.loads(said), files)
    _, status = os.waitpid(pid, 0)
    one.send(bytes([os.waitstatus_to_exitcode(status) & 255]))
    os._exit(0)


def _run(asked, files):
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["callkeeper", *asked["argv"][1:]]
    status = 1
    with contextlib.suppress(BaseException):
        try:
            main()
        except SystemExit as done:
            status = done.code if isinstance(done.code, int) else int(done.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1])
