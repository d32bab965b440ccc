"""Whether it works, told to the orchestrator, to Prometheus and to people by one truth: what the database holds."""
