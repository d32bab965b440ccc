"""From a call id to a stored record: the worker, retries, rate limits, sweeps and backfill."""
