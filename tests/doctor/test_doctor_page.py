"""docs/doctor.md describes the checks that the program makes, all of them and in their order."""

import re
from pathlib import Path

from app.doctor.finding import CHECKS

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"


def test_the_page_has_a_section_for_each_check_in_order():
    assert tuple(re.findall(r"^### `([a-z_]+)`$", PAGE.read_text(), re.MULTILINE)) == CHECKS


def test_the_example_output_has_every_check():
    shown = re.findall(r"^[✓!✗–] (?:ok|warning|failed|skipped) +([a-z_]+) ", PAGE.read_text(), re.MULTILINE)  # noqa: RUF001
    assert tuple(shown) == CHECKS
