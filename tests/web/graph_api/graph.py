"""Asks the Graph-compatible routes, and what they should answer."""

import httpx

from tests.archive.records import a_call_record, an_endpoint, guid, kept, save
from tests.web.application import OTHER, TENANT

RECORDS = "/v1.0/communications/callRecords"


def start_of(minute):
    return f"2026-02-25T{minute // 60:02}:{minute % 60:02}:21.2169889Z"


async def save_calls(database, count, *, tenant=TENANT, first=0, **changes):
    """Calls a minute apart; their ids, newest first."""
    records = [a_call_record(id=guid(), startDateTime=start_of(first + minute), **changes) for minute in range(count)]
    await save(database, *(kept(record, tenant=tenant) for record in records))
    return [record["id"] for record in reversed(records)]


async def save_elsewhere(database, **changes):
    """A call of the tenant that restricted callers may not see."""
    record = a_call_record(**{"id": guid()} | changes)
    await save(database, kept(record, tenant=OTHER))
    return record["id"]


async def everything(client, url):
    """The items of all pages, and how many pages."""
    items, pages = [], 0
    while url:
        page = (await ok(client, url)).json()
        items, pages, url = items + page["value"], pages + 1, page.get("@odata.nextLink")
        assert pages < 100
    return items, pages


async def ok(client, url, **more) -> httpx.Response:
    answer = await client.get(url, **more)
    assert answer.status_code == 200, answer.text
    return answer


async def refused(client, url, status=400, **more):
    """The message of Graph's error."""
    answer = await client.get(url, **more)
    assert answer.status_code == status, answer.text
    return error_of(answer)["message"]


def error_of(answer):
    """The error, once it has everything that Graph's has."""
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "innerError"}
    inner = error["innerError"]
    assert inner["request-id"] == answer.headers["request-id"]
    assert inner["client-request-id"] == answer.headers["client-request-id"]
    assert len(inner["date"]) == len("2026-01-31T09:00:00")
    return error


def untyped(endpoint=None, **changes):
    """An endpoint as Graph's older answers have it, without the names of its types."""
    whole = (endpoint or an_endpoint()) | changes
    agent = {name: value for name, value in whole["userAgent"].items() if name != "@odata.type"}
    return {name: value for name, value in whole.items() if name != "@odata.type"} | {"userAgent": agent}
