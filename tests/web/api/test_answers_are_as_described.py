"""What the routes answer is what their models say, on calls of every shape."""

import pytest

from app.simulator.records import a_call_record
from app.web.api.models import Call, CallPage
from app.web.api.stats import Stats
from tests.archive.records import guid, kept, save
from tests.web.application import TENANT

pytestmark = pytest.mark.anyio

SHAPES = [
    {},
    {"type": "groupCall", "participants": 4, "video": True, "sharing": True, "feedback": True},
    {"pstn": True},
    {"failed": True},
    {"shape": "beta"},
    {"no_sessions": True},
    {"nulls": False, "extras": True, "unknown_members": True},
]


async def filled(database):
    for number, shape in enumerate(SHAPES):
        await save(database, kept(a_call_record(id=guid(number + 1), seed=number, **shape), tenant=TENANT))


async def test_a_page_of_calls(database, api):
    await filled(database)
    page = (await api.get("/api/calls")).json()
    assert len(CallPage.model_validate(page, extra="forbid").items) == len(SHAPES)


async def test_a_whole_call(database, api):
    await filled(database)
    for number, _ in enumerate(SHAPES):
        call = (await api.get(f"/api/calls/{guid(number + 1)}")).json()
        assert Call.model_validate(call, extra="forbid").id == guid(number + 1)


async def test_statistics(database, api):
    await filled(database)
    for by in ("type", "platform", "rating"):
        answer = (await api.get("/api/stats", params={"by": by})).json()
        assert Stats.model_validate(answer, extra="forbid").total.calls == len(SHAPES)
