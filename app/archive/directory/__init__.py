"""The organisation's directory: read from a file, and joined with the people of calls."""
