"""Settings: every environment variable with its type, default and unit, and the files that contain secrets."""
