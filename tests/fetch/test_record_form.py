"""The form in which Graph gives a record is stored in the tenant's row."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import OperationalError

from app.fetch.record_form import StoredForm
from app.inbox import tenant_state

pytestmark = pytest.mark.anyio

TENANT, OTHER = "00000000-0000-4000-8000-00000000aaaa", "00000000-0000-4000-8000-00000000bbbb"
AT = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_form_is_stored_for_its_tenant_alone_and_the_last_one_counts(database):
    async with database.begin() as db:
        await tenant_state.ensure_rows(db, [TENANT, OTHER])
    assert await StoredForm(database, TENANT).load() is None
    for form in ("apart", "listed"):
        await StoredForm(database, TENANT).store(form, AT)
        assert await StoredForm(database, TENANT).load() == (form, AT)
    assert await StoredForm(database, OTHER).load() is None


class Unreachable:
    def begin(self):
        raise OperationalError("SELECT 1", None, Exception())

    reading = begin


async def test_a_database_that_fails_raises_nothing():
    form = StoredForm(Unreachable(), TENANT)
    await form.store("apart", AT)
    assert await form.load() is None
