"""Checks of an installation: settings, database, login, Graph, public URL, subscription. They change nothing."""
