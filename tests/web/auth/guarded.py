"""Every route behind the gate, as the application itself tells them, and the callers who come to it."""

import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace

from app.access import keys
from app.inbox import queue
from app.inbox.queue import Notice
from app.web import app as web
from app.web.auth.access_control import GUARDED
from tests.archive.records import (
    a_call_record,
    a_participant,
    a_segment,
    a_session,
    an_endpoint,
    an_identity,
    kept,
    save,
)
from tests.web.application import OTHER, TENANT, calling

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS = "00000000-0000-4000-8000-0000000000a1"
THEIRS = "00000000-0000-4000-8000-0000000000b1"
NOBODYS = "00000000-0000-4000-8000-0000000000f1"
IN_BOTH = "00000000-0000-4000-8000-0000000000c1"
WAITING = "00000000-0000-4000-8000-0000000000d1"
_IDS = re.compile(r'"(request-id|client-request-id|date)":"[^"]*"')
_PRINTED = re.compile(r"printed [-0-9]+ [0-9:]+")  # pages have the minute in which they were made


def routes():
    """(method, path template) of each; a route that is not in the description of the interface is found too."""
    found = set(_walk(web.api(SimpleNamespace()).routes))
    return sorted((method, path) for method, path in found if path.startswith(tuple(f"{root}/" for root in GUARDED)))


def _walk(some, above=""):
    for route in some:
        if hasattr(route, "effective_route_contexts"):  # a router that was included
            yield from _walk(route.effective_route_contexts(), above)
        elif methods := getattr(route, "methods", None):
            yield from ((method, above + route.path) for method in methods)
        else:  # a mounted application
            yield from _walk(route.routes, above + route.path)


@cache
def description():
    """What `/openapi.json` answers."""
    return web.api(SimpleNamespace()).openapi()


def described():
    """The same, from the description."""
    paths = description()["paths"]
    return {
        (method.upper(), path): content_of for path, methods in paths.items() for method, content_of in methods.items()
    }


def filled(path, call_id=OURS):
    return re.sub(r"\{[^}]*\}", call_id, path)


ROUTES = routes()
READS = [path for method, path in ROUTES if method == "GET"]
LISTS = [path for path in READS if "{" not in path]
ONES = [path for path in READS if "{" in path and not path.endswith(("({arguments})", "/{webhook_id}/deliveries"))]
BATCH = "/v1.0/$batch"  # a POST that only reads
WRITES = [(method, path) for method, path in ROUTES if method not in {"GET", "HEAD"} and path != BATCH]


async def a_key(database, name, scope="read", *tenants):
    async with database.begin() as db:
        return await keys.create(db, name, scope, tenants or None, NOW)


@asynccontextmanager
async def caller(app, database, name, scope="read", *tenants):
    """A client with a key of its own."""
    async with calling(app, key=await a_key(database, name, scope, *tenants)) as client:
        yield client


def a_call_of(tenant_id, call_id, name, **changes):
    """A call in which only this person of this tenant took part; every id in it is the call's."""
    person = an_identity(displayName=name, userPrincipalName=f"{name}@contoso.com", id=call_id, tenantId=tenant_id)
    someone = a_participant(id=call_id, identity={"endpointType": "default", "user": person})
    held_with = an_endpoint(
        associatedIdentity=person, feedback={"rating": "bad"}
    )  # so that a diagnosis names the person
    session = a_session(id=call_id, caller=held_with, segments=[a_segment(id=call_id, caller=held_with)])
    record = {"id": call_id, "organizer_v2": someone, "participants_v2": [someone], "sessions": [session]}
    return kept(a_call_record(**record | changes), tenant=tenant_id)


async def calls_of(database, tenant_id, name, *call_ids):
    """These calls, and one that is still to be collected."""
    await save(database, *(a_call_of(tenant_id, call_id, name) for call_id in call_ids))
    async with database.begin() as db:
        await queue.put(db, [Notice(tenant_id, WAITING)], NOW)


async def theirs(database):
    await calls_of(database, OTHER, "Brunhild", THEIRS, IN_BOTH)


async def ours(database):
    await calls_of(database, TENANT, "Adalbert", OURS, IN_BOTH)


def content_of(answer):
    """What an answer says, without what is of this one request."""
    return answer.status_code, _PRINTED.sub("", _IDS.sub("", answer.text))
