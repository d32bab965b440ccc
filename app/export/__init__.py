"""The archive's tables as files: a folder for each table, in it a folder for each day, in it one file.

tables and log_tables say what each table holds; sources by which rows days are formed; days which days have changed;
folder how a file is written; manifest what was written; parquet, ndjson and csv_text write rows; run makes one export.
"""
