"""Secrets that all processes of a database share, and cursors that are signed with them."""
