"""Subscriptions: their registry, the rules for their properties, the validation handshake, and the routes."""
