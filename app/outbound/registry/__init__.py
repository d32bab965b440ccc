"""The webhooks and their deliveries, as administrators see and change them."""
