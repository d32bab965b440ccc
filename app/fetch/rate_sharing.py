"""Divides each tenant's rate of requests equally among the processes that collect its records.

Each has a lease for each of its tenants, and counts those of the others. A process that ended counts until its lease
ends.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from app.db import Database, lease
from app.fetch.pace import Pace
from app.ids import TenantId
from app.observability import log

EVERY = timedelta(seconds=15)
LENGTH = timedelta(seconds=50)

_log = log.get(__name__)


class ShareRate:
    """Sets for each pace among how many processes its rate is divided.

    ``observe`` gets the requests per second of this process.
    """

    def __init__(
        self,
        database: Database,
        paces: Mapping[TenantId, Pace],
        *,
        holder: str,
        observe: Callable[[TenantId, float], None] = lambda *_: None,
        every: timedelta = EVERY,
        length: timedelta = LENGTH,
    ) -> None:
        self._database = database
        self._paces = paces
        self._holder = holder
        self._observe = observe
        self._length = length
        self.every = every
        self.rest = 0.0

    async def once(self) -> None:
        """The rates stay as they are where the database cannot be read."""
        for tenant_id, pace in self._paces.items():
            pace.share(await lease.join(self._database, f"graph-rate/{tenant_id}", self._holder, self._length))
            self._observe(tenant_id, pace.rate.limit / pace.rate.seconds)

    def on_error(self, error: str, times: int) -> None:
        _log.error("rate_not_shared", error=error, times=times)
