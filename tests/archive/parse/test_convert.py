import pytest

from app.archive.parse import convert


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT0.016S", 0.016),
        ("PT0S", 0.0),
        ("PT1M", 60.0),
        ("PT1H2M3.5S", 3723.5),
        ("P1D", 86400.0),
        ("P1DT1S", 86401.0),
        ("-PT5S", -5.0),
        ("PT.5S", 0.5),
        ("PT25H61M", 93660.0),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("P1Y", None),
        ("0:00:05", None),
        ("", None),
        ("PT٣S", None),
        (5, None),
        (None, None),
        ("PT" + "9" * 500 + "S", None),
    ],
)
def test_a_duration_is_kept_in_seconds(text, seconds):
    assert convert.seconds(text) == seconds


@pytest.mark.parametrize(
    ("value", "kept"),
    [("a b", "a b"), ("é\u200b\n", "é\u200b\n"), ("a\x00b", "a\ufffdb"), ("\ud800", "\ufffd"), (3, None), ([], None)],
)
def test_a_text_loses_only_what_no_database_holds(value, kept):
    assert convert.text(value) == kept


@pytest.mark.parametrize(
    ("value", "kept"), [(["audio"], '["audio"]'), ({}, "{}"), ("audio", None), ([2**70], None), (None, None)]
)
def test_a_list_or_an_object_is_kept_as_json(value, kept):
    assert convert.json(value) == kept
