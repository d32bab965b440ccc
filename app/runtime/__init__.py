"""The long-running processes: serve, worker, their parts, their start and their stop."""
