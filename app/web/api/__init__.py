"""The routes below /api, for programs."""
