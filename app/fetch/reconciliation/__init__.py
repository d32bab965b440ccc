"""Compares Graph's list of call records with the archive and queues the missing calls: sweeps and the backfill."""
