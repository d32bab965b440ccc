"""OData query options and the Prefer header, parsed. Pure."""
