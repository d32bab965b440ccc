"""A copy of a SQLite database that is in use: complete, as of one moment, readable only for its owner."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from app.db.errors import UnreachableError
from app.db.files import owner_only
from app.db.files.sync import to_disk

_STEPS = 1_000_000  # of SQLite's virtual machine, between two checks for Ctrl-C
_SECRET = {"password", "sslpassword"}  # what libpq also takes as parameters of a URL


def copy_sqlite(url: str, target: Path) -> None:
    """Write the database to ``target``; raises FileExistsError, and UnreachableError for what SQLite says.

    Deleted data is not in the copy, and no writer is blocked. The file appears when it is complete and on disk.
    """
    source = Path(make_url(url).database or "")
    if not source.is_file():
        raise UnreachableError(f"there is no database in {source}")
    owner_only.restrict(owner_only.with_log(source))
    if target.exists():
        raise FileExistsError(f"{target} is there already, and is left as it is")
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent)  # mode 0600
    os.close(number)
    partial = Path(name)
    try:
        _copy(source, partial)
        to_disk(partial)
        partial.rename(target)
        to_disk(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _copy(source: Path, partial: Path) -> None:
    with closing(sqlite3.connect(source.absolute().as_uri() + "?mode=rw", uri=True)) as connection:
        connection.set_progress_handler(lambda: 0, _STEPS)
        try:
            connection.execute("VACUUM INTO ?", (str(partial),))
        except sqlite3.Error as error:
            raise UnreachableError(f"SQLite made no copy: {error}") from error


def without_password(url: str) -> str:
    """A PostgreSQL URL as it may be shown; the program that is given it asks for the password."""
    parts = make_url(url).set(drivername="postgresql")
    shown = parts._replace(password=None).difference_update_query(_SECRET)
    return shown.render_as_string(hide_password=False)
