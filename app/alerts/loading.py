"""Reads the file that ALERT_RULES names."""

from pathlib import Path

from app.alerts import rules_file
from app.alerts.rule import RuleSet
from app.alerts.rules_file import LARGEST, RulesRefused


def load(file: Path | None) -> RuleSet:
    """No rules without a file; RulesRefused if it cannot be read or is wrong."""
    if file is None:
        return RuleSet()
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise RulesRefused([f"{file} has more than {LARGEST} bytes"])
        return rules_file.read(content.decode())
    except (OSError, UnicodeDecodeError) as error:
        raise RulesRefused([f"{file} cannot be read: {type(error).__name__}"]) from None
