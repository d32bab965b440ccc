"""The archive's tables as files: a folder for each table, in it a folder for each day, in it one file.

tables says what is in them; days what has changed; folder how a file comes into being; manifest what was written;
parquet, ndjson and csv write; run brings them together.
"""
