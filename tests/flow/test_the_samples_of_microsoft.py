"""Every call record in Microsoft's samples and documentation goes through the whole service and loses nothing."""

from uuid import NAMESPACE_URL, uuid5

import orjson
import pytest

from tests.archive.records import SHARED, needs_shared
from tests.documentation import embedded
from tests.flow.replay import Replay, whole

pytestmark = [
    pytest.mark.anyio,
    needs_shared,
]


def answers():
    """Each answer's text, by where it stands."""
    for file in sorted((SHARED / "samples").glob("*.json")):
        yield file.name, file.read_text()
    for file in sorted((SHARED / "seeds").glob("*.txt")):
        for number, text in enumerate(embedded(file.read_text())):
            yield f"{file.name} {number}", text


def records():
    """(where, text) of each call record; one that came in a list is written again as it would come alone."""
    for where, text in answers():
        value = orjson.loads(text)
        if isinstance(value, dict) and "value" not in value:
            yield where, text
            continue
        listed = value if isinstance(value, list) else value["value"]
        if "version" in listed[0]:
            for number, record in enumerate(listed):
                yield f"{where} [{number}]", orjson.dumps(record).decode()
        else:
            yield where, page_of_sessions(value)


def page_of_sessions(page):
    call_id = "e523d2ed-2966-4b6b-925b-754a88034cc5"
    link = {"sessions@odata.nextLink": page["@odata.nextLink"]}
    return orjson.dumps({"id": call_id, "version": 1, "sessions": page["value"], **link}).decode()


def by_own_id():
    """The samples share few ids: each record gets one of its own, wherever in its text the old one stands."""
    texts = {}
    for where, text in records():
        call_id = str(uuid5(NAMESPACE_URL, where))
        texts[call_id] = text.replace(orjson.loads(text)["id"], call_id).encode()
    return texts


async def test_all_of_them_come_back_as_they_are(running, world, serve_really, database_url):
    texts = by_own_id()
    assert len(texts) >= 17
    async with Replay(texts) as graph:
        world.mint.audiences.add(graph.url)
        service = await serve_really("--no-renewal", database_url=database_url, GRAPH_BASE_URL=graph.url)
        for some in with_both_relations_first(texts):
            for call_id in some:
                await service.refetch(call_id)
            await service.holds(some, version=0)
        for call_id, text in texts.items():
            await comes_back(service, call_id, text)


def with_both_relations_first(texts):
    """An answer without one of them teaches the collector to ask for each alone, and to put two answers together."""
    both = {call_id for call_id, text in texts.items() if has_both_relations(text)}
    assert both
    return both, texts.keys() - both


def has_both_relations(text):
    return {"sessions", "participants_v2"} <= orjson.loads(text).keys()


async def comes_back(service, call_id, text):
    kept, call, wanted = await service.record(call_id), await service.call(call_id), whole(text)
    assert orjson.loads(kept) == wanted
    assert kept == text or b"nextLink" in text or not has_both_relations(text)
    assert len(call["sessions"]) == len(wanted.get("sessions", []))
    assert call["complete"] == bool(wanted.get("sessions"))
    assert call["incomplete_reason"] in (None, "no sessions")
