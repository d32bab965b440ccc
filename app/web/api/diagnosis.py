"""`/api/calls/{id}/diagnosis`: why the call was poor, dropped or failed for each person, and what to do."""

import asyncio
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.archive.detail import reading as detail
from app.archive.diagnosis import reading
from app.archive.diagnosis.as_json import as_json
from app.archive.diagnosis.diagnose import diagnose
from app.archive.queries import stored_calls
from app.web.api.calls import Tenant, missing_call, of_caller, written
from app.web.api.models import Quality
from app.web.api.parameters import refuse_unknown
from app.web.auth.callers import Reader
from app.web.context import context
from app.web.path_ids import CallIdInPath
from app.web.reads.limits import DIAGNOSED_SESSION

router = APIRouter(prefix="/api", tags=["calls"])


class Identity(BaseModel):
    kind: str | None
    id: str | None
    display_name: str | None
    user_principal_name: str | None


class Cause(BaseModel):
    code: str = Field(description="Stable; the documentation has a table of them.")
    text: str = Field(description="The cause in words.")


class Contribution(Cause):
    end: Literal["own", "other_end"] = Field(description="At which end it is.")


class Value(BaseModel):
    name: str = Field(description="Graph's name of the property.")
    label: str
    of: Literal["streams", "own", "other_end"] = Field(
        description="Of the poor streams, or of the network or device of one end."
    )
    media: Literal["audio", "video", "screen"] | None = Field(description="Of which streams; null for ends.")
    value: float | str = Field(description="In `unit`.")
    unit: str
    limit: float | None = Field(description="In `unit`; null where there is none.")
    limit_is_least: bool = Field(description="True where a value below the limit is beyond it.")
    text: str = Field(description="Value and unit.")
    limit_text: str


class Connection(BaseModel):
    type: str | None = Field(description="Graph's connectionType; null where the client did not report it.")
    text: str
    subnet: str | None


class OtherEnd(BaseModel):
    person: Identity | None = Field(description="Null for a service of Microsoft.")
    name: str
    is_service: bool
    was_fine: bool | None = Field(description="Whether it received well; null where nothing was rated.")
    connection: Connection | None


class OtherPeople(BaseModel):
    """The other people of the call."""

    rated: int = Field(description="How many have rated streams.")
    good: int = Field(description="How many of these have no poor stream.")


class Failure(BaseModel):
    stage: str | None = Field(description="Graph's word.")
    reason: str | None = Field(description="Graph's text, often empty.")
    at: datetime | None
    after_seconds: float | None = Field(description="From the start of the session to the failure.")
    back_after_seconds: float | None = Field(description="Until the person joined again; null if they did not.")
    session: int


class PersonDiagnosis(BaseModel):
    """One person whose streams were poor, who dropped, or whose call failed."""

    person: Identity
    name: str
    happened: list[
        Literal["dropped", "setup_failed", "failed", "poor_received", "poor_sent", "device_problem", "rated_poor"]
    ]
    cause: Cause
    side: Literal["own", "other_end", "both", "unknown"] = Field(description="On whose side the cause is.")
    confidence: Literal["high", "medium", "low"]
    confidence_reasons: list[str] = Field(description="Why it is not high.")
    measured: list[Value]
    also: list[Contribution] = Field(description="What else was found.")
    connection: Connection
    other_end: OtherEnd | None
    other_people: OtherPeople
    failure: Failure | None
    poor_streams: int
    rated_streams: int
    sessions: list[int] = Field(description="Positions of the sessions that this is about, from 0.")
    recommendation: str
    sentence: str = Field(description="One sentence to paste.")


class Diagnosis(BaseModel):
    """The call at a glance, and each person affected, those affected most first."""

    id: str
    tenant_id: str
    version: int
    type: str | None
    start: datetime | None
    end: datetime | None
    quality: Quality
    quality_rules: str | None
    failed: bool
    people: list[PersonDiagnosis]


@router.get("/calls/{call_id}/diagnosis", summary="Why the call was poor, and what to do", response_model=Diagnosis)
async def get_diagnosis(request: Request, call_id: CallIdInPath, caller: Reader, tenant: Tenant = None) -> Response:
    """For each person whose streams were poor, who dropped, or whose call failed: the cause, the measured values
    beside their limits, on whose side it was, one recommendation, and one sentence to paste.
    """
    refuse_unknown(request)
    reads, filters = context(request).reads, of_caller(caller, tenant)
    async with reads.reading() as db:
        found = await stored_calls.head(db, call_id, filters)
        if found is None:
            raise missing_call(call_id)
        key, head = found
        document = await detail.memory(db, [key])
    await request.state.memory.reserve(DIAGNOSED_SESSION * head["session_count"] + document)
    async with reads.snapshot() as db:
        call = await reading.call(db, call_id, filters)
    if call is None:
        raise missing_call(call_id)
    return written(await asyncio.to_thread(lambda: as_json(call, diagnose(call))))
