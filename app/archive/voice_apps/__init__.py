"""Auto attendants and call queues: the map of resource accounts, from a file or learned from records."""
