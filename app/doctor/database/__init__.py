"""Checks of the database: connection, version, disk space, schema and API keys."""
