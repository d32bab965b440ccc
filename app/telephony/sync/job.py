"""The logs of all tenants on the schedule of PSTN_EVERY, in the process that has the lease of each log."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from app.archive.schema.call_log_types import KINDS
from app.db import Database
from app.ids import TenantId
from app.observability import log
from app.telephony.sync.day_reader import Client
from app.telephony.sync.synchronise import Pass, Synchronise

_log = log.get(__name__)


class SynchroniseLogs:
    """Each pass reads the days that are due of every log."""

    rest = 0.0

    def __init__(
        self,
        database: Database,
        clients: Mapping[TenantId, Client],
        every: timedelta,
        *,
        holder: str,
        retention: timedelta | None = None,
    ) -> None:
        self.every = every
        self._logs = [
            Synchronise(database, client, tenant_id, kind, holder=holder, every=every, retention=retention)
            for tenant_id, client in clients.items()
            for kind in KINDS
        ]

    async def once(self) -> list[Pass]:
        """What was done of each log. An error of the database is raised once all have ended."""
        found = await asyncio.gather(*(one.run() for one in self._logs), return_exceptions=True)
        for one in found:
            if isinstance(one, BaseException):
                raise one
        return [one for one in found if isinstance(one, Pass)]

    def on_error(self, error: str, times: int) -> None:
        _log.error("call_logs_failed", error=error, times=times)
