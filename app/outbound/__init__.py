"""Webhooks: where events are sent, in which format, and their delivery until 2xx or for three days."""
