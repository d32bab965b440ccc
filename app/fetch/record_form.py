"""In which requests a tenant's cloud gives a record, stored from one process to the next."""

from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from app.db import Database
from app.db.outage.causes import in_words
from app.graph.records.expand import Form
from app.ids import TenantId
from app.inbox import tenant_state
from app.observability import log

_log = log.get(__name__)


class StoredForm:
    """The `app.graph.records.expand.Memory` of one tenant, in its row. A database error costs only a request."""

    def __init__(self, database: Database, tenant_id: TenantId) -> None:
        self._database = database
        self._tenant_id = tenant_id

    async def load(self) -> tuple[str, datetime] | None:
        try:
            async with self._database.reading() as db:
                row = await tenant_state.find(db, self._tenant_id)
        except (SQLAlchemyError, OSError) as error:
            self._warn(error)
            return None
        return (row.record_form, row.record_form_at) if row and row.record_form and row.record_form_at else None

    async def store(self, form: Form, at: datetime) -> None:
        try:
            async with self._database.begin() as db:
                await tenant_state.mark(db, self._tenant_id, record_form=form, record_form_at=at)
        except (SQLAlchemyError, OSError) as error:
            self._warn(error)

    def _warn(self, error: Exception) -> None:
        _log.warning("record_form_not_stored", tenant_id=self._tenant_id, error=in_words(error))
