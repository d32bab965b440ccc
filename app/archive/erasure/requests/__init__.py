"""Requests to erase a person: stored, worked on in small transactions by any process, and continued after a stop."""
