"""One live Graph subscription for each tenant: created, renewed, replaced; lifecycle events."""
