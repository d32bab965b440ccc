"""Daily counts: numbers of calls and streams for each day, dimension and value."""
