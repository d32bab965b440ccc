"""The commands, run in this process."""

from tests.cli.conftest import callkeeper, environment  # noqa: F401 -- fixtures
