"""Control of the simulator for tests and the demo: faults on request, and the request log."""
