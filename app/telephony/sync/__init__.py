"""Copies Microsoft's PSTN and Direct Routing logs into the archive, day by day."""
