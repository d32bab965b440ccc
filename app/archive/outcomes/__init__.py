"""How a call ended, in which direction it went, and its way through auto attendants and call queues. Pure."""
