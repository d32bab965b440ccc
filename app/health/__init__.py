"""Whether the service collects calls, judged from the database: rules, readiness, gauges."""
