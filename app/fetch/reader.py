"""Reads records for a worker, in a process of its own: `app.fetch.reading_process` starts it and says why.

    python -m app.fetch.reader FORM

On standard input come frames (the length in 8 bytes, then a pickled `Asked`). For each one a frame with the pickled
list of its ParsedRecords goes to standard output, matched with the sites; with None instead of a record that could not
be read, or that is not complete in these bytes. The end of the input, which is also the end of the worker, ends the
process. So does another FORM than its own: then the program was updated on disk while the worker runs.
"""

import gc
import pickle
import signal
import sys
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO, NamedTuple

from app import wire
from app.archive.parse.record import ParsedRecord, RecordBuilder
from app.archive.schema import graph_types
from app.archive.schema.derivation import DERIVATION
from app.archive.sites.located import located
from app.archive.sites.site_map import NOTHING, SiteMap
from app.graph.records.complete import is_complete
from app.ids import CallId, TenantId

HEAD = 8  # bytes


class Task(NamedTuple):
    """An answer that may have a complete record."""

    tenant_id: TenantId
    call_id: CallId
    raw: bytes
    now: datetime


class Asked(NamedTuple):
    """Records to read, and the lists of sites to match them with; None where these are as in the frame before."""

    tasks: list[Task]
    sites: SiteMap | None


def form() -> str:
    """Equal in two programs that read records into the same rows."""
    shapes = [value for value in vars(graph_types).values() if isinstance(value, tuple)]
    return sha256(repr((DERIVATION, list(ParsedRecord.__annotations__), shapes)).encode()).hexdigest()


def frame(value: object) -> bytes:
    """The value as it goes through a pipe."""
    pickled = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return len(pickled).to_bytes(HEAD, "little") + pickled


def size(head: bytes) -> int:
    """The bytes that follow the head of a frame."""
    return int.from_bytes(head, "little")


def read(task: Task, sites: SiteMap = NOTHING) -> ParsedRecord | None:
    """The record, as the worker itself would read it; None where the worker must ask Graph for more."""
    document = wire.parsed(task.raw)
    if not is_complete(document, task.call_id):
        return None
    builder = RecordBuilder(task.tenant_id, task.call_id)
    builder.begin(document, task.raw)
    return located(builder.finish(task.now), sites)


def serve(tasks: BinaryIO, records: BinaryIO) -> None:
    """Until the input ends."""
    sites = NOTHING
    while head := tasks.read(HEAD):
        asked: Asked = pickle.loads(tasks.read(size(head)))  # noqa: S301 -- from the process that started this one
        sites = asked.sites or sites
        records.write(frame([_read_or_none(task, sites) for task in asked.tasks]))
        records.flush()


def _read_or_none(task: Task, sites: SiteMap) -> ParsedRecord | None:
    try:
        return read(task, sites)
    except Exception:  # noqa: BLE001 -- the worker reads it again itself, and reports the error
        return None


def main() -> None:
    """A stop of the service ends the worker, which first saves what it has: this process ends after it."""
    if sys.argv[1:] != [form()]:
        sys.exit("the worker is of another version")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:  # the worker was killed
        sys.stderr.close()


if __name__ == "__main__":
    main()
