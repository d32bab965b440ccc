"""The ids that Graph notified us of and that are not stored yet, and the state of collecting for each tenant."""
