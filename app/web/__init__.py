"""Every door: Graph's notifications come in here, people and programs read here."""
