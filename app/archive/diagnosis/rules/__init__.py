"""The table of causes, and what each of its rows looks for. Pure."""
