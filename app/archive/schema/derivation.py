"""The number of what this program derives from a call, written into each call that it saves.

The people of a call, its devices and networks and the quality of its streams are derived when it is saved. A program
that is older than the schema leaves out what it does not know: its calls are known by this number, or by its absence.
"""

DERIVATION = 15
"""That of the migration which added something derived last: a later one that does so makes it its own number, and an
index with it.
"""
