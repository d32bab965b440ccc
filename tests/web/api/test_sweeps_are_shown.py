"""How far a sweep has come, on the overview and in `/api/status`."""

from datetime import UTC, datetime, timedelta

import pytest

from app.fetch.reconciliation import progress
from app.fetch.reconciliation.progress import RECONCILE, Progress
from tests.web.application import TENANT, subscribed
from tests.web.pages.browser_client import signed_in

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def test_a_running_sweep_is_shown_with_its_share_and_its_counts(app, api, database):
    await subscribed(database)
    now = datetime.now(UTC)
    since, position = now - 30 * DAY, now - 22.5 * DAY
    async with database.begin() as db:
        running = Progress(TENANT, RECONCILE, "here", now, since, None, position, now, listed=123, queued=56)
        await progress.put(db, running)
    async with signed_in(app) as browser:
        assert "25 %<small>123 listed, 56 queued</small>" in (await browser.get("/")).text
    tenants = (await api.get("/api/status")).json()["tenants"]
    (sweep,) = next(tenant for tenant in tenants if tenant["tenant_id"] == TENANT)["sweeps"]
    assert (sweep["share"], sweep["listed"], sweep["ended_at"]) == (0.25, 123, None)
