"""What we keep: each call record once as Graph's own document and once as typed rows.

shapes says which properties Graph has; read, convert, flatten, endpoint, people, identity and quality turn JSON
into rows (pure); record and merge take a record page by page; store saves it; query finds it again.
"""
