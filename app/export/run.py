"""One export: the days that are not as they were at the last one, each written completely, as of one moment."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import Database
from app.export import days, detail_rows, manifest
from app.export.dataset import Dataset
from app.export.days import State
from app.export.files import Opener
from app.export.folder import alone_in, remove, whole
from app.export.formats import Format
from app.export.manifest import Manifest, Written
from app.export.sources import CALLS, LOGS, Source
from app.export.tables import DATASETS

SAVE = 10.0  # seconds after which the manifest is written although there is more to do

Progress = Callable[[int, int], None]
"""days done, of how many"""


@dataclass(slots=True)
class Summary:
    """What was written and removed, by table."""

    days: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)


async def export(
    database: Database,
    out: Path,
    form: Format,
    *,
    tables: Sequence[str] = (),
    tenant: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Progress = lambda *_: None,
) -> Summary:
    """Write what changed since the last export into this folder; ExportError where that cannot be.

    With ``since`` and ``until`` only days of which a call was stored in that time, and those that lost calls.
    A folder has one tenant's data, or that of all.
    """
    opener = form.opener()
    with alone_in(out):
        datasets = [DATASETS[name] for name in tables or DATASETS]
        run = _Run(database, out, manifest.read(out, form.value, tenant), opener, datasets)
        await run.all(since, until, progress)
        return run.summary


class _Run:
    def __init__(
        self, database: Database, out: Path, known: Manifest, opener: Opener, datasets: Sequence[Dataset]
    ) -> None:
        self.summary = Summary()
        self._database = database
        self._out = out
        self._opener = opener
        self._datasets = datasets
        self._manifest = known
        self._tenant = known.tenant
        self._saved = monotonic()

    async def all(self, since: datetime | None, until: datetime | None, progress: Progress) -> None:
        todo: list[tuple[Source, str]] = []
        for source in (CALLS, *LOGS.values()):
            if datasets := self._of(source):
                todo += [(source, day) for day in await self._todo(source, datasets, since, until)]
        for done, (source, day) in enumerate(todo):
            progress(done, len(todo))
            await self._day(source, day)
            self._save_sometimes()
        progress(len(todo), len(todo))
        self._save()

    def _of(self, source: Source) -> list[Dataset]:
        return [dataset for dataset in self._datasets if dataset.source is source]

    async def _todo(
        self, source: Source, datasets: list[Dataset], since: datetime | None, until: datetime | None
    ) -> list[str]:
        async with self._database.reading() as db:
            states = present = await days.states(db, source, self._tenant)
            if since is not None or until is not None:
                states = await days.states(db, source, self._tenant, since=since, until=until)
        removed = self._gone(datasets, set(present)) | self._fewer(datasets, present)
        return sorted(removed | {day for day, state in states.items() if self._outdated(datasets, day, state)})

    def _gone(self, datasets: list[Dataset], there: set[str]) -> set[str]:
        """Days of which no call is left."""
        return {day for dataset in datasets for day in self._manifest.tables.get(dataset.name, ())} - there

    def _fewer(self, datasets: list[Dataset], present: dict[str, State]) -> set[str]:
        """Days of which calls were deleted since they were written."""
        written = [(day, of_day) for d in datasets for day, of_day in self._manifest.tables.get(d.name, {}).items()]
        return {day for day, of_day in written if day in present and present[day].calls < of_day.state.calls}

    def _outdated(self, datasets: list[Dataset], day: str, state: State) -> list[Dataset]:
        return [d for d in datasets if not self._manifest.is_current(d.name, day, state, d.names)]

    async def _day(self, source: Source, day: str) -> None:
        datasets = self._of(source)
        async with self._database.snapshot() as db:
            state = await days.state(db, source, day, self._tenant)
            if state is None:
                self._remove(datasets, day)
            elif outdated := self._outdated(datasets, day, state):
                await self._write(db, source, day, state, outdated)

    async def _write(
        self, db: AsyncConnection, source: Source, day: str, state: State, datasets: list[Dataset]
    ) -> None:
        rows: Counter[str] = Counter()
        with ExitStack() as written:
            files = {d.name: written.enter_context(whole(self._file(d, day))) for d in datasets}
            with ExitStack() as opened:
                writers = {d.name: opened.enter_context(self._opener(files[d.name], d)) for d in datasets}
                async for keys in days.keys(db, source, day, self._tenant):
                    parsed = await detail_rows.parsed(db, keys, datasets)
                    for dataset in datasets:
                        readable = dataset.readable(await detail_rows.rows(db, dataset, keys, parsed))
                        writers[dataset.name].write(readable)
                        rows[dataset.name] += len(readable)
        for dataset in datasets:
            self._note(dataset, day, rows[dataset.name], state)

    def _note(self, dataset: Dataset, day: str, rows: int, state: State) -> None:
        file = self._file(dataset, day)
        size = file.stat().st_size
        if not rows:
            remove(file)
            size = 0
        self._manifest.columns[dataset.name] = dataset.names
        self._manifest.note(dataset.name, day, Written(rows, size, state))
        self.summary.days[dataset.name] += 1
        self.summary.rows[dataset.name] += rows
        self.summary.bytes[dataset.name] += size

    def _remove(self, datasets: list[Dataset], day: str) -> None:
        for dataset in datasets:
            remove(self._file(dataset, day))
            self._manifest.forget(dataset.name, day)
            self.summary.removed[dataset.name] += 1

    def _file(self, dataset: Dataset, day: str) -> Path:
        return self._out / dataset.name / f"day={day}" / f"part-0.{self._manifest.format}"

    def _save_sometimes(self) -> None:
        if monotonic() - self._saved > SAVE:
            self._save()

    def _save(self) -> None:
        manifest.write(self._out, self._manifest)
        self._saved = monotonic()
