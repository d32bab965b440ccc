"""Telephony: the PSTN and Direct Routing logs are synchronised and joined with calls; their figures."""
