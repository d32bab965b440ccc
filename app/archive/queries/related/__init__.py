"""Calls that are likely one chain with a call: transfers, queues, restarted meetings."""
