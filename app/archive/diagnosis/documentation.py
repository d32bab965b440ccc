"""The table of causes in docs/diagnosis.md: ``python -m app.archive.diagnosis.documentation`` prints it. Pure."""

import sys
from collections.abc import Iterable

from app.archive.diagnosis.rules import table, unexplained
from app.archive.diagnosis.rules.rule import Rule

_AFFECTED = {"always": "yes", "one_to_one": "in one-to-one calls", "never": ""}
_CONFIDENCE = {"strong": "high", "medium": "medium; high with a second cause", "weak": "low"}


def network() -> str:
    rows = (
        (f"`{one.code}`", one.text, one.limit, one.source, _CONFIDENCE[one.weight], one.advice) for one in table.NETWORK
    )
    return _table(("code", "cause", "limit", "set by", "confidence", "recommendation"), rows)


def devices() -> str:
    return _table(
        ("code", "cause", "limit", "set by", "affects alone", "recommendation"),
        (
            (f"`{one.code}`", one.text, one.limit, one.source, _AFFECTED[one.alone], one.advice)
            for one in _without_repeats(table.DEVICE)
        ),
    )


def others() -> str:
    rows = ((f"`{one.code}`", one.text, one.shown_by, one.advice) for one in unexplained.CAUSES)
    return _table(("code", "cause", "shown by", "recommendation"), rows)


def _without_repeats(rules: Iterable[Rule]) -> list[Rule]:
    return list({one.code: one for one in rules}.values())


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [tuple(heads), *rows]
    head, *body = [f"| {' | '.join(cells)} |" for cells in lines]
    return "\n".join([head, "|---" * len(lines[0]) + "|", *body])


if __name__ == "__main__":
    sys.stdout.write(f"{network()}\n\n{devices()}\n\n{others()}\n")
