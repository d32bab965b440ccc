"""Call records of the simulator as a diagnosis reads them, without a database, and short ways to change them."""

from app.archive.diagnosis import reading
from app.archive.diagnosis.diagnose import diagnose
from app.archive.parse.quality_rules import DEFAULT
from app.archive.schema import tables
from tests.archive.records import kept

_POSITIONS = {"sessions": 1, "segments": 2, "media": 3, "streams": 4, "trace_route_hops": 5}


def detail(record):
    """The sessions of a record with the columns that a diagnosis reads."""
    children = kept(record).children
    rows = {name: [_row(name, row) for row in children[name]] for name in _POSITIONS}
    return {"sessions": reading.nested(rows).get(1, []), "quality_rules": DEFAULT.name}


def diagnosed(record):
    return diagnose(detail(record))


def _row(table, row):
    names = [column.name for column in tables.metadata.tables[table].columns][1:]  # without the call's key
    values = dict(zip(names, row, strict=True))
    width = _POSITIONS[table]
    return (1, *row[:width], *(values[name] for name in reading.COLUMNS[table]))
