"""What the lists of log rows answer, as models: for /openapi.json alone. A property for each column of Graph."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from app.archive.schema.call_log_types import BOTH, DIRECT_ROUTING_ROW, PSTN_ROW
from app.archive.schema.graph_types import Kind, Shape

_TYPES: dict[Kind, Any] = {Kind.TEXT: str, Kind.INTEGER: int, Kind.BOOLEAN: bool}
_TALK = "From start to end of an answered call; PSTN rows: Graph's duration, where it gave no end."


class LogRow(BaseModel):
    """What rows of both logs have."""

    id: str = Field(description="Graph's id of the row; a hash of the row where Graph gave none.")
    tenant_id: str
    start: datetime | None = Field(description="Graph's startDateTime, in UTC.")
    end: datetime | None = Field(description="Graph's endDateTime; null where the call was not established.")
    direction: Literal["inbound", "outbound", "unknown"] = Field(description="From call_type.")
    is_voice_app: bool = Field(description="Auto attendant or call queue, from call_type.")
    is_conference: bool = Field(description="Audio conferencing, from call_type.")
    talk_seconds: float | None = Field(description=_TALK)
    user_id: str | None = Field(description="Graph's userId.")
    revision: int = Field(description="1, then one more for each change of the row.")
    join: Literal["id", "heuristic"] | None = Field(
        description="How the archived call was found: by its id, or as the only one that fits in number, user and time."
    )
    call_id: str | None = Field(description="The archived call; null where there is none.")


class Charged(BaseModel):
    charge: Decimal | None = Field(description="Graph's charge, with all its digits.")
    connection_charge: Decimal | None = Field(description="Graph's connectionCharge.")


class Invited(BaseModel):
    invite: datetime | None = Field(description="Graph's inviteDateTime.")
    failure: datetime | None = Field(description="Graph's failureDateTime; null where the call did not fail.")


def _model(name: str, shape: Shape, doc: str, *bases: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        _renamed(field.column): (_TYPES[field.kind] | None, Field(description=f"Graph's {field.property}."))
        for field in shape
    }
    return create_model(name, __base__=bases, __doc__=doc, **fields)


def _renamed(column: str) -> str:
    return "log_call_id" if column == "call_id" else column


PstnRow = _model("PstnRow", (*BOTH, *PSTN_ROW), "A row of the PSTN log.", LogRow, Charged)
DirectRoutingRow = _model(
    "DirectRoutingRow", (*BOTH, *DIRECT_ROUTING_ROW), "A row of the Direct Routing log.", LogRow, Invited
)


class PstnPage(BaseModel):
    items: list[PstnRow]  # type: ignore[valid-type]
    next_cursor: str | None


class DirectRoutingPage(BaseModel):
    items: list[DirectRoutingRow]  # type: ignore[valid-type]
    next_cursor: str | None
