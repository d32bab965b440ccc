"""Bounds of what callers read: requests at a time, memory, seconds of a statement, clients that stop reading."""
