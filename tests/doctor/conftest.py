"""A service that is well on both databases, and what the doctor says once something about it is not."""

from datetime import UTC, datetime

import pytest

from tests.doctor.patient import Patient
from tests.subscriptions.conftest import ca_file, installation, key, port, running  # noqa: F401 -- fixtures


@pytest.fixture
async def patient(installation, monkeypatch, tmp_path):  # noqa: F811 -- the fixture imported above
    """A door that answers, a subscription that lives, a sweep a moment ago."""
    assert (await installation.ensure()).good
    await installation.mark_tenant(reconciled_at=datetime.now(UTC))
    return Patient(installation, monkeypatch, tmp_path)
