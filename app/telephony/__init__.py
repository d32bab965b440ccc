"""Telephony: the PSTN and Direct Routing logs, and what is computed from them."""
