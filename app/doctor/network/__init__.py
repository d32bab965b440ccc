"""Checks that ask Entra ID, Microsoft Graph and our own public URL."""
