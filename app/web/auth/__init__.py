"""Access control for /api, /v1.0 and the pages."""
