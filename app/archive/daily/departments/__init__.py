"""Calls of each department: counted again for each day of which the calls or the directory changed."""
