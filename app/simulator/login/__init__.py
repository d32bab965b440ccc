"""The Entra login host: tenants, apps, credentials and tokens."""
