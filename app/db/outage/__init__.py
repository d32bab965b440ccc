"""A database that does not do what it is asked: the cause, another attempt, a probe of writing."""
