"""Every call record that Microsoft's documentation and tools show is answered as it was given."""

from uuid import NAMESPACE_URL, uuid5

import orjson
import pytest

from app.archive.parse.record import RecordBuilder
from tests.archive.records import NOW, SHARED, TENANT, needs_shared, save
from tests.web.graph_api.graph import RECORDS, everything, ok

pytestmark = [pytest.mark.anyio, needs_shared]

NOTES = ("@odata.context", "@odata.nextLink")


def samples():
    """Each record's bytes, under an id of its own."""
    for file in sorted((SHARED / "samples").glob("*.json")):
        value = orjson.loads(file.read_bytes())
        if isinstance(value, dict) and "value" not in value:
            yield pytest.param(file.read_bytes(), id=file.name)
        else:
            for number, record in enumerate(value if isinstance(value, list) else value["value"]):
                yield pytest.param(orjson.dumps(record), id=f"{file.name}-{number}")


def without_notes(value):
    """All that Graph says of the call; not the types that we add, nor what belongs to one answer."""
    if isinstance(value, list):
        return [without_notes(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {name: without_notes(inner) for name, inner in value.items() if not name.endswith((*NOTES, "@odata.type"))}


def is_within(given, found):
    """Whether every type that was given is found where it was."""
    if isinstance(given, list):
        return all(map(is_within, given, found))
    if not isinstance(given, dict):
        return True
    types = given.get("@odata.type") in (None, found.get("@odata.type"))
    return types and all(is_within(inner, found[name]) for name, inner in given.items() if not name.endswith(NOTES))


@pytest.mark.parametrize("raw", list(samples()))
async def test_a_sample_comes_back_as_it_is(database, api, raw):
    call_id = str(uuid5(NAMESPACE_URL, raw[:100].decode()))
    raw = raw.replace(orjson.loads(raw)["id"].encode(), call_id.encode())
    builder = RecordBuilder(TENANT, call_id)
    builder.begin(given := orjson.loads(raw), raw)
    await save(database, builder.finish(NOW))
    found = (await ok(api, f"{RECORDS}/{call_id}?$expand=sessions($expand=segments),participants_v2")).json()
    assert without_notes(found) == without_notes(given)
    assert is_within(given, found)
    (listed,), _ = await everything(api, RECORDS)
    assert without_notes(listed) == {
        name: v for name, v in without_notes(given).items() if name not in ("sessions", "participants_v2")
    }
