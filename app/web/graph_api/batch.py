"""`POST /v1.0/$batch`: up to 20 requests in one, each with its own access control, audit row, status and headers.

https://learn.microsoft.com/graph/json-batching
"""

import asyncio
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.memory import ByteBudget
from app.web.auth.callers import reader
from app.web.context import context
from app.web.graph_api import batch_body
from app.web.graph_api.batch_body import BatchRequest, InvalidBatchError
from app.web.graph_api.middleware import Answer, error_response
from app.web.graph_api.openapi import batch_described
from app.web.graph_api.subrequest import run
from app.web.problems import Problem
from app.web.reads.limits import BATCH_BYTES

router = APIRouter(prefix="/v1.0", tags=["as Microsoft Graph"])

_AT_ONCE = 4  # requests of one batch that run at a time
_FAILED = 400  # from this status on
_SPELLING = {"odata-version": "OData-Version", "request-id": "request-id", "client-request-id": "client-request-id"}
_NOT_SHOWN = {"content-length"}


@router.post("/$batch", summary="Up to 20 requests in one", dependencies=[Depends(reader)], **batch_described())
async def batch(request: Request) -> Response:
    """Requests run in any order, but after those they depend on; where one of these failed, the answer is 424."""
    graph = context(request).graph
    try:
        async with graph.batches.read(request) as body:
            requests = batch_body.parse(body, graph.origins.of(request.scope), request.headers.get("host"))
    except InvalidBatchError as error:
        raise Problem(400, str(error)) from None
    answers = await _run(request, requests)
    request.state.answered = len(answers)
    responses = [_response(each, answer) for each, answer in zip(requests, answers, strict=True)]
    return Response(
        orjson.dumps({"responses": responses}),
        headers={"OData-Version": "4.0", "Cache-Control": "no-store"},
        media_type="application/json",
    )


async def _run(request: Request, requests: Sequence[BatchRequest]) -> list[Answer]:
    """The answers in the order of the requests."""
    at_once, budget = asyncio.Semaphore(_AT_ONCE), ByteBudget(BATCH_BYTES)
    tasks: dict[str, asyncio.Task[Answer]] = {}

    async def one(each: BatchRequest) -> Answer:
        for before in each.depends_on:
            if (await tasks[before]).status >= _FAILED:
                detail = f"The request failed because the request '{before}', which it depends on, failed."
                return error_response(424, detail, each.headers.get("client-request-id"))
        if each.refusal is not None:
            return error_response(400, each.refusal, each.headers.get("client-request-id"))
        async with at_once:
            return await run(request, each, budget)

    async with asyncio.TaskGroup() as group:
        for each in requests:
            tasks[each.id] = group.create_task(one(each))
    return [tasks[each.id].result() for each in requests]


def _response(request: BatchRequest, answer: Answer) -> dict[str, Any]:
    """The answer as an item of ``responses``; its JSON is not parsed, so that no number in it changes."""
    headers = {_SPELLING.get(name, name.title()): value for name, value in answer.headers.items()}
    shown = {name: value for name, value in headers.items() if name.lower() not in _NOT_SHOWN}
    item = {"id": request.id, "status": answer.status, "headers": shown}
    return item | {"body": _embedded(answer.headers, answer.body)} if answer.body else item


def _embedded(headers: Mapping[str, str], body: bytes) -> Any:
    """JSON as it is, a count as a number, a text as a string, anything else in Base64.

    A count is no string, because Microsoft's SDK for Python reads every string as Base64.
    """
    content_type = headers.get("content-type", "")
    if content_type.startswith("application/json") or (content_type.startswith("text/plain") and body.isdigit()):
        return orjson.Fragment(body)
    return body.decode() if content_type.startswith("text/") else b64encode(body).decode()
