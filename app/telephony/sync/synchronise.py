"""One pass over one log of a tenant: every day that is due, under a lease, each resumed where it broke off."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from app.archive.call_logs.store import Saved
from app.db import Database, lease
from app.graph.errors import GraphError, Refused
from app.ids import TenantId
from app.observability import log
from app.telephony.sync import planning, progress
from app.telephony.sync.day_reader import Client, DayReader
from app.telephony.sync.planning import UNREAD, DayRead

FORBIDDEN = 403
ASK_AGAIN = timedelta(days=1)
"""A log that Graph refuses for a missing permission is asked for again after that time."""

_log = log.get(__name__)

OnDay = Callable[[int, int, Saved], None]
"""days read, days of this pass, rows so far"""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did. ``error``: why it ended early, as one line."""

    days: int = 0
    saved: Saved = field(default_factory=Saved)
    error: str | None = None
    is_refused: bool = False
    is_elsewhere: bool = False
    """Another process reads this log now."""


class Synchronise:
    """The passes over one log."""

    def __init__(
        self,
        database: Database,
        client: Client,
        tenant_id: TenantId,
        kind: str,
        *,
        holder: str,
        every: timedelta,
        retention: timedelta | None = None,
        on_day: OnDay = lambda *_: None,
    ) -> None:
        self._database = database
        self._client = client
        self._tenant_id = tenant_id
        self._kind = kind
        self._holder = holder
        self._every = every
        self._retention = retention
        self._on_day = on_day

    async def run(
        self, *, since: datetime | None = None, again_before: datetime | None = None, insist: bool = False
    ) -> Pass:
        """Read the days that are due, the newest first. Errors of Graph end the pass and are stored, not raised.

        ``since`` and ``again_before`` are those of ``planning.due``; ``insist`` asks for a refused log as well.
        """
        async with lease.hold(self._database, f"call-log:{self._tenant_id}:{self._kind}", self._holder) as is_ours:
            if not is_ours:
                return Pass(is_elsewhere=True)
            now = datetime.now(UTC)
            async with self._database.reading() as db:
                state = await progress.state(db, self._tenant_id, self._kind)
                known = await progress.days(db, self._tenant_id, self._kind)
            if state.refused_at and now < state.refused_at + ASK_AGAIN and not insist:
                return Pass(error=state.error, is_refused=True)
            oldest = planning.reach(self._kind, now, self._retention)
            begin = oldest if since is None else max(since, oldest)
            wanted = planning.due(known, begin, now, every=self._every, again_before=again_before)
            return await self._read(wanted, known)

    async def _read(self, wanted: list[date], known: dict[date, DayRead]) -> Pass:
        reader = DayReader(
            self._database,
            self._client,
            self._tenant_id,
            self._kind,
            retention=self._retention,
            on_rows=lambda _: self._on_day(done, len(wanted), reader.saved),
        )
        done = 0
        for day in wanted:
            before = known.get(day) or UNREAD._replace(step_seconds=planning.first_step(known, day))
            try:
                known[day] = await reader.read(day, before)
            except GraphError as error:
                return await self._failed(error, Pass(done, reader.saved))
            done += 1
            self._on_day(done, len(wanted), reader.saved)
            await self._store(read_at=datetime.now(UTC), refused_at=None, failed_at=None, error=None)
        if reader.saved.new or reader.saved.changed:
            new, changed, same = reader.saved
            _log.info(
                "call_log_read",
                tenant_id=self._tenant_id,
                log=self._kind,
                days=done,
                new=new,
                changed=changed,
                same=same,
            )
        return Pass(done, reader.saved)

    async def _failed(self, error: GraphError, so_far: Pass) -> Pass:
        now, text, request_id = datetime.now(UTC), str(error), error.request_id
        is_refused = isinstance(error, Refused) and error.status == FORBIDDEN
        if is_refused:
            await self._store(refused_at=now, failed_at=now, error=text)
            _log.warning(
                "call_log_refused", tenant_id=self._tenant_id, log=self._kind, error=text, request_id=request_id
            )
        else:
            await self._store(failed_at=now, error=text)
            _log.warning(
                "call_log_failed", tenant_id=self._tenant_id, log=self._kind, error=text, request_id=request_id
            )
        return Pass(so_far.days, so_far.saved, text, is_refused=is_refused)

    async def _store(self, **values: datetime | str | None) -> None:
        async with self._database.begin() as db:
            await progress.save_state(db, self._tenant_id, self._kind, **values)
