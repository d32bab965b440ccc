"""JSON from Graph is read so that it can be written again with every number as it was."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.archive.documents.exact_json import dumps
from app.archive.parse import convert
from app.wire import parsed

BEYOND_A_DOUBLE = [
    "18446744073709551616",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "0.1234567890123456789012",
    "123456789012345678901234567890.5",
    "-0.00000000000000000000000000000012345678901234567",
    "1.23456789012345678901e-7",
    "1e400",
    "-1E+400",
]


@pytest.mark.parametrize("number", BEYOND_A_DOUBLE)
@pytest.mark.parametrize("beside", ['"x"', '"\\ud83d"', "1180591620717411303424"])
def test_a_number_that_no_double_holds_is_written_as_it_was_read(number, beside):
    text = f'{{"a":[{number},{{"b":{number}}}],"beside":{beside}}}'.encode()
    assert dumps(parsed(text)) == text


@pytest.mark.parametrize("number", BEYOND_A_DOUBLE)
def test_such_a_number_is_a_float_for_everything_else(number):
    value = parsed(f'{{"a":{number}}}'.encode())["a"]
    assert isinstance(value, float)
    assert value == float(number)
    assert convert.number(value) == (float(number) if abs(Decimal(number)) < 10**300 else None)
    assert convert.integer(value) is None


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=25, min_value=-(10**30), max_value=10**30)
TEXTS = NUMBERS.map(json.dumps) | DECIMALS.map(lambda number: format(number, "f"))


@given(st.lists(TEXTS))
def test_any_number_keeps_its_value(numbers):
    text = f"[{','.join(numbers)}]"
    again = dumps(parsed(text.encode()))
    assert json.loads(again, parse_float=Decimal) == json.loads(text, parse_float=Decimal)
