"""`make bench`: every benchmark, printed as it comes and written to bench/RESULTS.md.

`python -m bench PART…` runs only those parts and prints their rows: start, webhook, fire, collect, archive, pages,
memory, reads (the largest meeting asked for by many at once), container (attacks and reads with 256 MB of memory).
"""

import sys
import tempfile
from pathlib import Path

from bench import (
    archive,
    collect,
    fire_in_256_mb,
    memory,
    pages,
    reads_under_fire,
    start,
    webhook,
    webhook_under_fire,
)
from bench.report import Row, render

PARTS = {
    "start": start,
    "webhook": webhook,
    "fire": webhook_under_fire,
    "collect": collect,
    "archive": archive,
    "pages": pages,
    "memory": memory,
    "reads": reads_under_fire,
    "container": fire_in_256_mb,
}


def main() -> None:
    rows: list[Row] = []
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="callkeeper-bench-") as folder:
        for name in wanted or PARTS:
            for row in PARTS[name].run(Path(folder)):
                print(row, flush=True)
                rows.append(row)
    if not wanted:
        Path(__file__).with_name("RESULTS.md").write_text(render(rows))
    missed = [row.what for row in rows if not row.reached]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} reached" + ("" if wanted else "; written to bench/RESULTS.md"))
    for what in missed:
        print(f"NOT reached: {what}", file=sys.stderr)


if __name__ == "__main__":
    main()
