"""All attacks and all expensive reads against a service that has 256 MB, as the web container of the compose file.

python -m bench container
"""

from pathlib import Path

from bench import reads_under_fire, webhook_under_fire
from bench.memory_limit import Limit, limited
from bench.report import Row

MEMORY = 256 * 1024 * 1024


def run(folder: Path) -> list[Row]:
    rows = []
    with limited(MEMORY) as limit:
        report = webhook_under_fire.attack(_made(folder / "attacks"), webhook_under_fire.FULL, limit=limit)
        worst = max(result.worst for result in report.attacks.values())
        stored = report.is_stored and report.status == 202
        what = f"attacks on a service of 256 MB ({limit.kind})"
        rows += [
            Row(f"{what}: slowest handshake in ms", worst, "<=", webhook_under_fire.WORST),
            Row(f"{what}: a true notification afterwards is stored", stored, ">=", 1),
        ]
        rows += _reads(_made(folder / "reads"), limit)
        rows.append(Row("processes of 256 MB that were ended for lack of memory", limit.kills(), "<=", 0))
    return rows


def _reads(folder: Path, limit: Limit) -> list[Row]:
    found = reads_under_fire.ask(folder, reads_under_fire.AT_ONCE, limit=limit)
    what = f"{reads_under_fire.AT_ONCE} reads at once on a service of 256 MB ({limit.kind})"
    return [
        Row(f"{what}, {route}: answers of 200", asked.answers[200], ">=", 1, _text(asked.answers))
        for route, asked in found.items()
    ]


def _text(answers: dict[int, int]) -> str:
    return ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
