"""The webhook: the two routes that Microsoft Graph posts to."""
