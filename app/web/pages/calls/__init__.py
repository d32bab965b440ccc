"""The list of calls: search form, table, CSV file, live updates."""
