"""Tests of reading run with detail rows and without."""

import pytest

from app.archive.store import record_store


@pytest.fixture(params=["from_rows", "from_documents"])
def detail(request, monkeypatch):
    """Calls are stored with detail rows, or without: what is read of them must be the same."""
    if request.param == "from_documents":
        save = record_store.save

        async def save_without_rows(db, records):
            for record in records:
                record.row["has_detail"] = False
            return await save(db, records)

        monkeypatch.setattr(record_store, "save", save_without_rows)
