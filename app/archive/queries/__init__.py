"""Reads of the archive: filters, pages of calls, one call, statistics, records in Graph's shape."""
