"""A call record as typed rows. Pure: no database, no clock, no network."""
