"""Checks that send requests to Entra ID, Microsoft Graph and PUBLIC_URL."""
