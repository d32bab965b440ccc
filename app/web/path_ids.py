"""The id of a call in the path of a route, in its normal form."""

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator

from app import ids
from app.ids import CallId

CallIdInPath = Annotated[
    CallId,
    Path(pattern=r"^[^\x00]+$", description="The call record's id."),  # no id has what PostgreSQL cannot store
    AfterValidator(ids.call_id),
]
