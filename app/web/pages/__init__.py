"""HTML pages, rendered on the server from the archive's queries; nothing is loaded from another host."""
