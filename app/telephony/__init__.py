"""Telephony: figures of the PSTN and Direct Routing logs, and the reads that they need."""
