"""Commands about what is sent to other programs: webhooks and alerts."""
