"""Numbers of a document come back as they were written, whatever a double or 64 bits can hold."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.archive.documents.exact_json import dumps, loads

NUMBERS = [
    "0",
    "-1",
    "0.5",
    "1.0",
    "-0",
    "-0.0",
    "1.50",
    "100.00",
    "1e5",
    "1E+5",
    "2.5e-7",
    "1E400",
    "-1e-400",
    "0.10000000000000000555",
    "3.14159265358979323846264338327950288",
    "9007199254740993",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "1" + "0" * 5000,
    "12345678901234567890.12345678901234567890",
]


@pytest.mark.parametrize("frame", ['{"a":%s}', '{"a":[1,%s,null]}', "[%s]", '{"a":{"b": %s }}', '{"a":\n%s\n}'])
def test_a_number_is_written_as_it_was_read(frame):
    for number in NUMBERS:
        text = frame % number
        assert "".join(dumps(loads(text.encode())).decode().split()) == "".join(text.split())


def test_a_number_is_exact_beside_half_a_surrogate_pair():
    text = '{"a":"\\ud83d","b":[1.50,18446744073709551616],"c":"1.50"}'
    assert dumps(loads(text.encode())).decode() == text


@pytest.mark.parametrize("text", ['{"a":":1.50,","b":"12345678901234567890123","c":",1e5"}', '{"a":"é","b":"\\u0000"}'])
def test_texts_that_look_like_numbers_are_texts(text):
    assert json.loads(dumps(loads(text.encode()))) == json.loads(text)


def test_numbers_that_python_holds_are_numbers():
    assert loads(b'{"a":1,"b":0.5,"c":9007199254740993,"d":1e1}')["c"] == 9007199254740993
    assert type(loads(b'{"a":1.50,"b":0.5,"c":7}')["b"]) is float


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_what_python_writes_comes_back(value):
    text = json.dumps(value, separators=(",", ":"))
    assert json.loads(dumps(loads(text.encode()))) == value


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=3))
def test_numbers_of_any_document_are_read_the_same(value):
    text = json.dumps(value).encode()
    written = dumps(loads(text))
    assert json.loads(written, parse_float=str, parse_int=str) == json.loads(text, parse_float=str, parse_int=str)


def test_what_is_nested_too_deeply_is_null():
    value = None
    for _ in range(100_000):
        value = [value]
    assert dumps(value) == b"null"


def test_an_error_of_the_caller_is_one():
    with pytest.raises(TypeError):
        dumps({"a": object()})


def test_ordinary_documents_are_read_by_orjson(monkeypatch):
    monkeypatch.setattr(json, "loads", None)
    assert loads(orjson.dumps({"a": [1, 0.25, "2026-02-25T00:00:21.2169889Z"], "b": "0000-1e5"})) is not None
