"""Delivers events: which are due, when the next attempt is, what an answer means, when old rows are deleted."""
