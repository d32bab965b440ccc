"""Signing in to the pages with an API key or with Entra ID, and signing out."""
