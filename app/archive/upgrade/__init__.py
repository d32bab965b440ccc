"""Derives archived calls again from their documents after an upgrade."""
