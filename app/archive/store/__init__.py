"""Saves records and keeps the index of people up to date, in the caller's transaction."""
