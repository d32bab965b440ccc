"""Bodies of events: Standard Webhooks, Teams Workflows, Alertmanager. Pure."""
