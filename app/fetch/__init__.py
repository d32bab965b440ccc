"""From a call id to a stored record: the worker, retries and rate limits."""
