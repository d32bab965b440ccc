"""Checks of an installation: settings, database, login, Graph, public URL, subscription. Nothing is changed."""
