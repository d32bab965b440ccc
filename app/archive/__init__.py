"""What we keep: each call record once as Graph's own document and once as typed rows.

shapes says which properties Graph has; convert, flatten, identity and quality turn JSON into rows (pure);
record reads a record page by page; store saves it; query finds it again.
"""
