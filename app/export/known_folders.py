"""The folders of earlier exports: an erasure cannot reach a copy whose folder is not recorded."""

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, Row, String, Table, Text, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db import UtcDateTime, metadata, upsert
from app.export.manifest import FILE

export_folders = Table(
    "export_folders",
    metadata,
    Column("host", String, primary_key=True, comment="the machine or container that wrote it"),
    Column("folder", Text, primary_key=True, comment="its absolute path there"),
    Column("format", String(10), nullable=False),
    Column("exported_at", UtcDateTime, nullable=False, comment="the last export into it"),
)


class Folder(NamedTuple):
    """``is_here``: whether this machine has it, with the manifest of an export."""

    host: str
    path: Path
    format: str
    exported_at: datetime
    is_here: bool


async def remember(db: AsyncConnection, folder: Path, form: str) -> None:
    """An export writes to this folder of this machine."""
    row = {"host": socket.gethostname(), "folder": _absolute(folder), "format": form, "exported_at": datetime.now(UTC)}
    insert = upsert(export_folders, db.dialect.name).values(row)
    new = {"format": insert.excluded.format, "exported_at": insert.excluded.exported_at}
    await db.execute(insert.on_conflict_do_update(index_elements=["host", "folder"], set_=new))


async def known(db: AsyncConnection) -> list[Folder]:
    """Every folder, in the order of their paths; those of this machine that were removed are forgotten."""
    table = export_folders.c
    rows = (await db.execute(select(export_folders).order_by(table.folder, table.host))).all()
    for row in rows:
        if _was_removed(row):
            await db.execute(delete(export_folders).where(table.host == row.host, table.folder == row.folder))
    return [_folder(row) for row in rows if not _was_removed(row)]


def _absolute(folder: Path) -> str:
    return str(folder.resolve())


def _was_removed(row: Row[Any]) -> bool:
    return row.host == socket.gethostname() and not Path(row.folder).exists()


def _folder(row: Row[Any]) -> Folder:
    path = Path(row.folder)
    return Folder(row.host, path, row.format, row.exported_at, (path / FILE).is_file())
