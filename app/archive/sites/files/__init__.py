"""Reads what administrators upload: the building file, egress ranges, names of access points. Pure."""
