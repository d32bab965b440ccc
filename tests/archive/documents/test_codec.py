import orjson
import pytest

from app.archive.documents import codec
from app.archive.documents.dictionaries import of_frame, zstd
from app.simulator.records import a_call_record

RECORD = orjson.dumps(a_call_record())
MEETING = orjson.dumps(a_call_record(type="groupCall", participants=9))


@pytest.mark.parametrize("raw", [b"", b"{}", b"x" * 1_000_000, RECORD, MEETING])
def test_a_document_comes_back_exactly(raw):
    assert codec.unpack(codec.pack(raw)) == raw
    assert b"".join(codec.unpacked(codec.pack(raw))) == raw


def test_a_small_record_takes_less_than_an_eighth_of_its_size():
    assert len(codec.pack(RECORD)) * 8 < len(RECORD)


def test_a_document_packed_before_there_was_a_dictionary_can_still_be_read():
    old = zstd.compress(RECORD, 3) + zstd.compress(b"and more", 3)
    assert of_frame(old) is None
    assert codec.unpack(old) == RECORD + b"and more"
    assert b"".join(codec.unpacked(old)) == RECORD + b"and more"


def test_a_document_names_its_dictionary_and_every_released_one_is_kept():
    assert of_frame(codec.pack(b"{}")).dict_id == 318898393
