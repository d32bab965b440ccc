"""Texts of a megabyte and more in a record."""

import json

import pytest

from app import long_texts

LONG = long_texts.LONG


def document(text, **more):
    return json.dumps({"id": "a", "text": text, "list": [text, "short", 1.5], **more}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    ["x" * 2 * LONG, "é😀" * LONG, "\\" * 2 * LONG, '{"a":"b"}' * LONG, "\n" * 2 * LONG, "x" * 2 * LONG + "\\"],
    ids=["ascii", "unicode", "backslashes", "JSON in a text", "escapes", "a backslash at the end"],
)
def test_the_beginning_of_a_long_text_is_read_and_the_complete_value_can_be_restored(text):
    raw = document(text, after="b")
    value, places = long_texts.parsed(raw)
    assert len(places) == 2
    assert text.startswith(value["text"].rpartition("…")[0])
    assert 16_384 < len(value["text"]) <= long_texts.SHORT + 20
    assert (value["list"][1:], value["after"]) == (["short", 1.5], "b")
    assert long_texts.restored(value, raw, places) == json.loads(raw)


def test_a_large_document_without_a_long_text_is_read_completely():
    for value in ({"a": ["short text"] * 200_000}, {"a": list(range(500_000)), "b": "c"}, {"a": "x" * LONG}):
        raw = json.dumps(value).encode()
        assert long_texts.parsed(raw) == (value, {})


def test_a_document_that_is_cut_within_a_long_text_is_not_json():
    with pytest.raises(ValueError, match=r".+"):
        long_texts.parsed(document("x" * 3 * LONG)[: 2 * LONG])
