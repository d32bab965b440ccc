"""One telephone number, however somebody writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.archive.parse.identities.numbers import Number, asked

GENEVA = Number("+41225550146")


@pytest.mark.parametrize(
    "text",
    [
        "+41225550146",
        "+41 22 555 01 46",
        "0041225550146",
        "00 41 22 555 01 46",
        "41225550146",
        " 41225550146",
        "+41 (0)22 555-01-46",
        "+41.22.555.01.46",
        "+41/22/5550146",
        "+41 22\u2013555\u00a001 46\n",
    ],
)
def test_forms_of_one_number(text):
    assert asked(text) == GENEVA


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+4*", Number("+4", is_prefix=True)),
        ("+412*", Number("+412", is_prefix=True)),
        ("00412*", Number("+412", is_prefix=True)),
        (" 4122 55*", Number("+412255", is_prefix=True)),
        ("+49155555****", Number("+49155555****")),
        ("0049155555**", Number("+49155555**")),
        ("022 555 01 46", Number("0225550146")),
        ("911", Number("911")),
    ],
)
def test_other_questions(text, found):
    assert asked(text) == found


def test_a_national_number_is_known_by_its_end():
    assert asked("022 555 01 46").national_end == "225550146"
    assert [asked(text).national_end for text in ("+41225550146", "911", "041*", "012345")] == [None] * 4


@pytest.mark.parametrize(
    "text", ["", "*", "+", "+*", "12", "4**", "Ada", "+41 22 x", "4%", "41_225550146", "+٤١٢٢٥", "1" * 16]
)
def test_what_is_no_number(text):
    assert asked(text) is None


@given(st.text())
def test_any_text_is_a_number_or_not(text):
    found = asked(text)
    assert found is None or found.normal.rstrip("*").lstrip("+").isdigit()
