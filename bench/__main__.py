"""`make bench`: every benchmark, printed as it comes beside the stored result, and written to bench/RESULTS.md.

`make bench WHAT=collect` or `python -m bench PART…` runs only those parts, prints their rows and stores nothing;
with `--store` their rows replace those of the file. Parts: start, webhook, fire, collect, archive, detail, outbound,
pages, pstn, memory, reads (the largest meeting asked for by many at once), container (attacks and reads with 256 MB of
memory), faults (PostgreSQL, the network and our processes fail under load).
"""

import sys
import tempfile
import time
from pathlib import Path

from bench import (
    archive,
    collect,
    detail,
    faults,
    fire_in_256_mb,
    memory,
    outbound,
    pages,
    pstn,
    reads_under_fire,
    start,
    webhook,
    webhook_under_fire,
)
from bench.report import RESULTS, Row, change, lines, render

PARTS = {
    "start": start,
    "webhook": webhook,
    "fire": webhook_under_fire,
    "collect": collect,
    "archive": archive,
    "detail": detail,
    "outbound": outbound,
    "pages": pages,
    "pstn": pstn,
    "memory": memory,
    "reads": reads_under_fire,
    "container": fire_in_256_mb,
    "faults": faults,
}


def main() -> None:
    given = [name for name in sys.argv[1:] if name != "--store"]
    if unknown := [name for name in given if name not in PARTS]:
        sys.exit(f"no such part: {', '.join(unknown)}; parts: {', '.join(PARTS)}")
    before = RESULTS.read_text()
    rows = _measured(given or list(PARTS), lines(before))
    if not given:
        RESULTS.write_text(render([str(row) for row in rows], before))
    elif "--store" in sys.argv:
        merged = lines(before) | {row.what: str(row) for row in rows}
        RESULTS.write_text(render(list(merged.values()), before))
    missed = [row.what for row in rows if not row.reached]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} reached")
    for what in missed:
        print(f"NOT reached: {what}", file=sys.stderr)


def _measured(parts: list[str], stored: dict[str, str]) -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="callkeeper-bench-") as folder:
        for name in parts:
            begun = time.monotonic()
            for row in PARTS[name].run(Path(folder)):
                difference = change(row, stored.get(row.what))
                print(f"{row} {difference}".rstrip(), flush=True)
                rows.append(row)
            print(f"  {name}: {time.monotonic() - begun:.0f} s", flush=True)
    return rows


if __name__ == "__main__":
    main()
