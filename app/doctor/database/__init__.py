"""Checks of the database: reachable, migrated, with room, and with a key for readers."""
