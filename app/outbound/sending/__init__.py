"""One signed request to a webhook, and the addresses to which it may go."""
