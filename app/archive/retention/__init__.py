"""Deletes calls that are older than RETENTION, and gives their space back."""
