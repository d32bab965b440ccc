"""Whether the service is collecting, judged from the database: rules, readiness, gauges."""
