"""The export formats that the command line offers, each imported when it is used."""

from enum import StrEnum

from app.export.files import Opener


class Format(StrEnum):
    parquet = "parquet"
    ndjson = "ndjson"
    csv = "csv"

    def opener(self) -> Opener:
        """ExportError where the format needs what is not installed."""
        match self:
            case Format.parquet:
                from app.export.parquet import opener  # noqa: PLC0415 -- an extra

                return opener()
            case Format.ndjson:
                from app.export import ndjson  # noqa: PLC0415 -- like its brothers

                return ndjson.written
            case Format.csv:
                from app.export import csv_text  # noqa: PLC0415 -- like its brothers

                return csv_text.written
