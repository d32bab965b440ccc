"""CSV cells: no spreadsheet runs a text as a formula, whatever separates its cells, and the text can be restored."""

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.export.csv_text import cell

FORMULA = "=+-@＝＋－＠\t\r\n"  # noqa: RUF001


def cells(text, separator):
    """As a spreadsheet with this separator splits it, one that ignores quotes inside a cell."""
    return re.split(rf"[{separator}\t\r\n]", text)


def restored(text):
    return re.sub(r"(^|[;\t\r\n])'", r"\1", text)


@pytest.mark.parametrize("begin", [*FORMULA, "a;=", "a;\t", "a\n=", "a;;@", "\n\r＝", ";＋"])  # noqa: RUF001
def test_a_text_is_no_formula_at_its_begin_or_after_a_separator(begin):
    written = next(csv.reader(io.StringIO(cell(f"{begin}1+1"), newline="")))[0]
    assert not [one for one in cells(written, ";") if one.startswith(tuple(FORMULA[:8]))]
    assert written[0] not in FORMULA
    assert restored(written) == f"{begin}1+1"


@settings(deadline=None, database=None)
@given(st.text(st.sampled_from("a';=＝\t\r\n +\"")))  # noqa: RUF001
def test_removing_the_apostrophes_restores_the_text(text):
    written = next(csv.reader(io.StringIO(cell(text), newline="")))[0]
    assert restored(written) == text


def test_numbers_and_harmless_texts_do_not_change():
    assert (cell(-1), cell(1.5), cell("a=b; c-d")) == ("-1", "1.5", '"a=b; c-d"')
