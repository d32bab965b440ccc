"""`migrate`: the database to the newest schema."""

import typer

from app import schema, wiring
from app.cli.running import run
from app.config import Settings


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `callkeeper migrate`")(migrate)


def migrate() -> None:
    """Bring the database to the newest schema; doing it twice does no harm."""

    async def _migrate(settings: Settings) -> str | None:
        async with wiring.open_database(settings, check=False) as database:
            await schema.migrate(database)
            return await schema.current(database)

    print(f"the database is at revision {run(_migrate)}")
