"""The routes below /v1.0: the archive in Microsoft Graph's own shape."""
