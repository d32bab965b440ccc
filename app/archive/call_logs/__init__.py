"""The stored rows of the PSTN and Direct Routing logs: saved once, with their earlier contents."""
