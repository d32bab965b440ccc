"""Microsoft's PSTN and Direct Routing logs: the two functions that return their rows, page by page."""
