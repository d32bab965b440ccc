"""Change notifications and lifecycle events, and their delivery."""
