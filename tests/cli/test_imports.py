import subprocess
import sys
from pathlib import Path

import pytest

from app import cli
from app.cli.commands import COMMANDS
from app.cli.shared.lazy_group import loaded
from tests.sample_settings import GOOD

WEB = {"fastapi", "starlette", "uvicorn", "jinja2"}
GRAPH = {"aiohttp", "httpx", "msal", "requests", "cryptography", "jwt"}
DATABASE = {"sqlalchemy", "aiosqlite", "pydantic", "structlog", "asyncio"}
# For PostgreSQL, for one command, for a change of the schema; and the object mapper, which nothing of ours uses.
RARE = {"asyncpg", "sqlalchemy.dialects.postgresql", "pyarrow", "alembic", "sqlalchemy.orm"}
MIGRATING = {"alembic", "sqlalchemy.dialects.postgresql"}

RUN = "import sys; from app.cli import main; sys.argv[0] = 'callkeeper'\ntry: main()\nexcept SystemExit: print(*sys.modules)"
IMPORT = "import sys, app.cli.processes; from app.runtime import worker_process; print(*sys.modules)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "arguments", "without"),
    [
        (RUN, ["--help"], WEB | GRAPH | DATABASE | RARE),
        (RUN, ["serve", "--help"], WEB | GRAPH | (DATABASE - {"pydantic"}) | RARE),  # typer takes it for arguments
        (RUN, ["keys", "list"], WEB | GRAPH | (RARE - MIGRATING) | {"rich"}),  # the file is made, which takes alembic
        (RUN, ["status"], WEB | GRAPH | (RARE - MIGRATING)),
        (IMPORT, [], WEB | RARE | {"jwt", "cryptography"}),
    ],
    ids=["--help", "serve --help", "keys list", "status", "worker"],
)
def test_a_command_imports_only_what_it_uses(tmp_path, program, arguments, without):
    settings = GOOD | {"DATABASE_URL": f"sqlite:///{tmp_path}/callkeeper.db"}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=settings, capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.splitlines()[-1].split())
    assert "app.cli" in imported
    assert imported & without == set()


def test_the_list_of_commands_says_of_each_one_what_its_own_help_begins_with():
    for name, entry in COMMANDS.items():
        assert " ".join(loaded(entry.module)[name].help.split("\n\n")[0].split()) == entry.summary


def test_the_list_of_commands_has_every_command():
    folder = Path(cli.__file__).parent
    files = [file.relative_to(folder) for file in folder.rglob("*.py") if "def add_to(" in file.read_text()]
    modules = [".".join(file.with_suffix("").parts) for file in files]
    assert {name for module in modules for name in loaded(module)} == set(COMMANDS)
