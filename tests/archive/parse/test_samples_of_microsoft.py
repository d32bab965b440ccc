"""Every call record that Microsoft's documentation and tools show is kept whole."""

import orjson
import pytest

from app.archive.documents import codec
from app.archive.parse.record import RecordBuilder
from app.archive.schema import tables
from tests.archive.records import CALL, NOW, SHARED, TENANT, needs_shared, rows_of, save
from tests.documentation import embedded
from tests.some import some

pytestmark = [pytest.mark.anyio, needs_shared]


def responses():
    """The JSON responses in the samples and in the pages of documentation, by where they stand."""
    for file in sorted((SHARED / "samples").glob("*.json")):
        yield pytest.param(file.read_bytes(), id=file.name)
    for file in sorted((SHARED / "seeds").glob("*.txt")):
        for number, text in enumerate(embedded(file.read_text())):
            yield pytest.param(text.encode(), id=f"{file.name[:3]}-{number}")


def entities(raw):
    """The call records in a response; a page of sessions or participants belongs to one of its own."""
    value = orjson.loads(raw)
    if isinstance(value, list):
        return [(record, []) for record in value]
    if "value" not in value:
        return [(value, [])]
    if "startDateTime" in value["value"][0] and "version" in value["value"][0]:
        return [(record, []) for record in value["value"]]
    kind = "participants" if "identity" in value["value"][0] else "sessions"
    return [({"id": CALL, "version": 1}, [(kind, value["value"])])]


def test_the_samples_are_found():
    assert len(list(responses())) >= 15


@pytest.mark.parametrize("raw", list(responses()))
async def test_a_response_is_kept_whole(database, raw):
    for record, pages in some(entities(raw)):
        builder = RecordBuilder(TENANT, record["id"])
        builder.begin(record)
        for kind, items in pages:
            getattr(builder, f"add_{kind}")(items)
        done = builder.finish(NOW)
        await save(database, done)
        kept = orjson.loads(codec.unpack(done.document))
        lists = {{"participants": "participants_v2"}.get(kind, kind): items for kind, items in pages}
        assert kept == {name: value for name, value in record.items() if "nextLink" not in name} | lists
        assert len(await rows_of(database, tables.sessions)) >= len(kept.get("sessions") or [])


@pytest.mark.parametrize("raw", [param for param in responses() if param.values[0][:1] == b"{"])
def test_the_bytes_of_a_whole_response_are_kept(raw):
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(orjson.loads(raw), raw)
    assert codec.unpack(builder.finish(NOW).document) == raw


def test_the_seventh_digit_of_a_second_survives():
    raw = (SHARED / "samples" / "docs-v1.0-get-callrecord-example2.json").read_bytes()
    builder = RecordBuilder(TENANT, CALL)
    builder.begin(orjson.loads(raw))
    assert b"2020-02-25T18:52:21.2169889Z" in codec.unpack(builder.finish(NOW).document)
