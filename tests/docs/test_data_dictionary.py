"""docs/data-dictionary.md says what the tables are: it is written from the code, and has every table of a database."""

import sqlite3
from contextlib import closing

import pytest

from app.cli.docs import data_dictionary, meanings
from tests.docs import pages

WRITTEN = (pages.ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")


def test_the_page_is_that_of_the_code():
    assert data_dictionary.render() == WRITTEN, "python -m app.cli.docs.data_dictionary > docs/data-dictionary.md"


def test_the_page_has_every_table_and_column_of_a_database(sqlite_template):
    with closing(sqlite3.connect(sqlite_template)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in tables if not name.startswith(("sqlite_", "alembic"))]
        found = {name: {row[1] for row in database.execute(f'PRAGMA table_info("{name}")')} for name in tables}
    assert {table.name: {column.name for column in table.columns} for table in data_dictionary.tables()} == found


@pytest.mark.parametrize("table", data_dictionary.tables(), ids=lambda table: table.name)
def test_each_table_and_column_has_a_meaning(table):
    assert table.comment or meanings.TABLES.get(table.name)
    assert [column.name for column in table.columns if not data_dictionary.meaning(column)] == []


def test_no_meaning_is_of_a_table_that_is_gone():
    assert set(meanings.TABLES) <= {table.name for table in data_dictionary.tables()}
