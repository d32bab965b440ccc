import logging
import sys
from types import SimpleNamespace

import pytest
import structlog

from app import cli
from tests.sample_settings import GOOD, set_only


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Sets what commands find: good settings with a SQLite file, changed; None takes a variable away."""

    def environment(**changes):
        settings = GOOD | {"DATABASE_URL": f"sqlite:///{tmp_path}/callkeeper.db"} | changes
        set_only(monkeypatch, tmp_path, {name: value for name, value in settings.items() if value is not None})

    environment()
    return environment


@pytest.fixture(autouse=True)
def migrated(migrated_file):
    """Commands find the newest schema: to migrate an empty file takes longer than most of them."""


@pytest.fixture
def callkeeper(environment, monkeypatch, capsys):
    """Runs a command in this process: its exit status and what it printed."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def callkeeper(*arguments):
        monkeypatch.setattr(sys, "argv", ["callkeeper", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return SimpleNamespace(status=ended.value.code or 0, out=out, err=err)

    yield callkeeper
    root.handlers[:], root.level = before
    structlog.reset_defaults()
