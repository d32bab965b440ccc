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
from app.export.days import State
from app.export.files import Opener
from app.export.folder import alone_in, remove, whole
from app.export.formats import Format
from app.export.manifest import Written
from app.export.tables import DATASETS, Dataset

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
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Progress = lambda *_: None,
) -> Summary:
    """Write what changed since the last export into this folder; ExportError where that cannot be.

    With ``since`` and ``until`` only days of which a call was stored in that time, and those that lost calls.
    """
    opener = form.opener()
    with alone_in(out):
        run = _Run(database, out, form, opener, [DATASETS[name] for name in tables or DATASETS])
        await run.all(since, until, progress)
        return run.summary


class _Run:
    def __init__(
        self, database: Database, out: Path, form: Format, opener: Opener, datasets: Sequence[Dataset]
    ) -> None:
        self.summary = Summary()
        self._database = database
        self._out = out
        self._opener = opener
        self._datasets = datasets
        self._suffix = form.value
        self._manifest = manifest.read(out, form.value)
        self._saved = monotonic()

    async def all(self, since: datetime | None, until: datetime | None, progress: Progress) -> None:
        async with self._database.reading() as db:
            present = await days.states(db)
            states = present if since is None and until is None else await days.states(db, since=since, until=until)
        removed = self._gone(set(present)) | self._fewer(present)
        todo = sorted(removed | {day for day, state in states.items() if self._outdated(day, state)})
        for done, day in enumerate(todo):
            progress(done, len(todo))
            await self._day(day)
            self._save_sometimes()
        progress(len(todo), len(todo))
        self._save()

    def _gone(self, there: set[str]) -> set[str]:
        """Days of which no call is left."""
        return {day for dataset in self._datasets for day in self._manifest.tables.get(dataset.name, ())} - there

    def _fewer(self, present: dict[str, State]) -> set[str]:
        """Days of which calls were deleted since they were written."""
        written = [
            (day, of_day) for d in self._datasets for day, of_day in self._manifest.tables.get(d.name, {}).items()
        ]
        return {day for day, of_day in written if day in present and present[day].calls < of_day.state.calls}

    def _outdated(self, day: str, state: State) -> list[Dataset]:
        return [d for d in self._datasets if not self._manifest.is_current(d.name, day, state, d.names)]

    async def _day(self, day: str) -> None:
        async with self._database.snapshot() as db:
            state = await days.state(db, day)
            if state is None:
                self._remove(day)
            else:
                await self._write(db, day, state, self._outdated(day, state))

    async def _write(self, db: AsyncConnection, day: str, state: State, datasets: list[Dataset]) -> None:
        rows: Counter[str] = Counter()
        with ExitStack() as written:
            files = {d.name: written.enter_context(whole(self._file(d, day))) for d in datasets}
            with ExitStack() as opened:
                writers = {d.name: opened.enter_context(self._opener(files[d.name], d)) for d in datasets}
                async for keys in days.keys(db, day):
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

    def _remove(self, day: str) -> None:
        for dataset in self._datasets:
            remove(self._file(dataset, day))
            self._manifest.forget(dataset.name, day)
            self.summary.removed[dataset.name] += 1

    def _file(self, dataset: Dataset, day: str) -> Path:
        return self._out / dataset.name / f"day={day}" / f"part-0.{self._suffix}"

    def _save_sometimes(self) -> None:
        if monotonic() - self._saved > SAVE:
            self._save()

    def _save(self) -> None:
        manifest.write(self._out, self._manifest)
        self._saved = monotonic()
