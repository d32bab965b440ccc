"""One person over a period: calls, devices and networks, and what their poor calls have in common."""
