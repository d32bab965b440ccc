"""`make bench`: every benchmark, printed as it comes and written to bench/RESULTS.md."""

import sys
import tempfile
from pathlib import Path

from bench import archive, collect, memory, pages, start, webhook
from bench.report import Row, render


def main() -> None:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="callkeeper-bench-") as folder:
        for module in (start, webhook, collect, archive, pages, memory):
            for row in module.run(Path(folder)):
                print(row, flush=True)
                rows.append(row)
    Path(__file__).with_name("RESULTS.md").write_text(render(rows))
    missed = [row.what for row in rows if not row.reached]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} reached; written to bench/RESULTS.md")
    for what in missed:
        print(f"NOT reached: {what}", file=sys.stderr)


if __name__ == "__main__":
    main()
