"""The ids in the path of a route; that of a call in its normal form."""

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator

from app import ids
from app.ids import CallId

_STORABLE = r"^[^\x00]+$"  # no id has what PostgreSQL cannot store

CallIdInPath = Annotated[
    CallId,
    Path(pattern=_STORABLE, description="The call record's id."),
    AfterValidator(ids.call_id),
]
IdInPath = Annotated[str, Path(pattern=_STORABLE)]
"""Of a webhook or an alert"""
