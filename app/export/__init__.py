"""The archive's tables as files: a folder for each table, in it a folder for each day, in it one file.

tables says what each table holds; days which days have changed; folder how a file is written;
manifest what was written; parquet, ndjson and csv_text write rows; run makes one export.
"""
