"""The Entra login host: tenants and apps, their credentials, and the tokens they get."""
