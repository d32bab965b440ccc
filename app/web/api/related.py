"""`/api/calls/{id}/related`: calls that are likely one chain with a call."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.archive.queries.related import reading
from app.archive.queries.related.rules import REASONS
from app.web.api.calls import Tenant, missing_call, of_caller, written
from app.web.api.models import Summary
from app.web.api.parameters import refuse_unknown
from app.web.auth.callers import Reader
from app.web.context import context
from app.web.path_ids import CallIdInPath

router = APIRouter(prefix="/api", tags=["calls"])


class RelatedCall(Summary):
    """A call, and why it is likely one chain with the other."""

    basis: Literal["restarted_meeting", "queue", "transfer", "people_added", "called_again", "same_person"]
    confidence: Literal["high", "medium", "low"]
    reason: str = Field(description="The basis in words.")
    gap_seconds: float = Field(
        description="From the end of the earlier call to the start of the later one; negative if they overlap."
    )


class RelatedCalls(BaseModel):
    items: list[RelatedCall]


@router.get(
    "/calls/{call_id}/related", summary="Calls that are likely one chain with this one", response_model=RelatedCalls
)
async def get_related(request: Request, call_id: CallIdInPath, caller: Reader, tenant: Tenant = None) -> Response:
    """Transfers, queues and restarted meetings make records of their own, and Graph links none of them. These share a
    join URL, a telephone number or people, and are minutes apart; oldest first.
    """
    refuse_unknown(request)
    async with context(request).reads.snapshot() as db:
        found = await reading.related(db, call_id, of_caller(caller, tenant))
    if found is None:
        raise missing_call(call_id)
    request.state.answered = len(found)
    items = [
        one.summary
        | {
            "basis": one.relation.basis,
            "confidence": one.relation.confidence,
            "reason": REASONS[one.relation.basis],
            "gap_seconds": one.relation.gap_seconds,
        }
        for one in found
    ]
    return written({"items": items})
