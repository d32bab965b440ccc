"""The simulated PSTN and Direct Routing logs: their rows, and Graph's functions that return them."""
