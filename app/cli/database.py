"""`migrate` and `backup`: update the database schema, and copy a SQLite database."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from app.cli.shared.running import run
from app.db import copy_sqlite, schema_version, without_password
from app.runtime import opening
from app.settings import environment
from app.settings.environment import Settings

_MIGRATE = (
    "Example: `callkeeper migrate` (before the processes of the new version start; the old ones may keep running)"
)
_BACKUP = "Example: `callkeeper backup callkeeper-$(date +%F).db`"


def add_to(app: typer.Typer) -> None:
    app.command(epilog=_MIGRATE)(migrate)
    app.command(epilog=_BACKUP)(backup)


def migrate() -> None:
    """Update the database to the newest schema. Running it again is safe."""

    async def _migrate(settings: Settings) -> str | None:
        async with opening.open_database(settings, check=False, statement_limit=None) as database:
            await schema_version.migrate(database)
            return await schema_version.current(database)

    print(f"the database is at revision {run(_migrate, only_database=True)}")


def backup(file: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")]) -> None:
    """Copy the SQLite database to a file while the service runs. For PostgreSQL use pg_dump."""
    url = environment.load().database_url.get_secret_value()
    if not url.startswith("sqlite"):
        raise opening.NotReadyError(f"this database is PostgreSQL; run: {_pg_dump(url, file)}")
    try:
        copy_sqlite(url, file)
    except FileExistsError as error:
        raise typer.BadParameter(str(error), param_hint="FILE") from None
    print(f"copied the database to {file} ({file.stat().st_size:,} bytes)")


def _pg_dump(url: str, file: Path) -> str:
    return shlex.join(["pg_dump", "--format=custom", f"--file={file}", f"--dbname={without_password(url)}"])
