"""Joins rows of the logs with archived calls: by the id that a row names, or by number, user and time."""
