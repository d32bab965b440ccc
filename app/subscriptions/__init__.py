"""Keeping Graph's promise to tell us: one live subscription per tenant, and what Graph says about it."""
