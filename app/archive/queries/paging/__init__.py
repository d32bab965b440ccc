"""The position in the order of all calls, its signed cursor, and the pages of calls and of Graph records."""
