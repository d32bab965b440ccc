"""The commands about telephone calls."""
