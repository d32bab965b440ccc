"""The commands, run in this process, and a simulated Graph."""

from tests.cli.conftest import callkeeper, environment  # noqa: F401 -- fixtures
from tests.fetch.conftest import graph  # noqa: F401 -- likewise
