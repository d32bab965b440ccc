"""Tables as Parquet, packed with zstd: the only file that imports pyarrow, which is an extra."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, Integer

from app.db import ExactDecimal, UtcDateTime
from app.export.dataset import Dataset, kind
from app.export.files import Opener, Rows
from app.export.folder import ExportError

GROUP = 50_000  # rows of a row group, at least; documents are larger
GROUP_OF_DOCUMENTS = 500
AMOUNT = 24, 12  # digits and decimal places: amounts of more are not stored


def opener() -> Opener:
    try:
        import pyarrow.parquet  # noqa: PLC0415, F401 -- an extra
    except ImportError:
        raise ExportError("Parquet needs one package more: pip install 'callkeeper[parquet]'") from None
    return written


class Groups:
    """Gathers rows until they are a row group."""

    def __init__(self, out: Any, schema: Any, size: int) -> None:
        self._out = out
        self._schema = schema
        self._size = size
        self._rows: list[tuple[Any, ...]] = []

    def write(self, rows: Rows) -> None:
        self._rows.extend(rows)
        if len(self._rows) >= self._size:
            self.flush()

    def flush(self) -> None:
        import pyarrow as pa  # noqa: PLC0415 -- an extra

        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
            self._out.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
            self._rows.clear()


@contextmanager
def written(file: Path, dataset: Dataset) -> Iterator[Groups]:
    import pyarrow as pa  # noqa: PLC0415 -- an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 -- likewise

    schema = pa.schema(
        [(name, _type(pa, kind(column))) for name, column in zip(dataset.names, dataset.columns, strict=True)]
    )
    size = GROUP_OF_DOCUMENTS if dataset.is_documents else GROUP
    with pq.ParquetWriter(str(file), schema, compression="zstd") as out:
        groups = Groups(out, schema, size)
        yield groups
        groups.flush()


def _type(pa: Any, column: Any) -> Any:
    match column:
        case UtcDateTime():
            return pa.timestamp("us", tz="UTC")
        case Boolean():
            return pa.bool_()
        case Double():
            return pa.float64()
        case ExactDecimal():
            return pa.decimal128(*AMOUNT)
        case BigInteger() | Integer():
            return pa.int64()
        case _:
            return pa.large_string()
