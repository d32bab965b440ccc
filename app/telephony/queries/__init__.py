"""Reads of the PSTN and Direct Routing logs: pages of rows, and the sums that the figures need."""
