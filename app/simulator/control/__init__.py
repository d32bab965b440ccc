"""How tests and the demo drive the world: faults on request, and the log of what was asked."""
