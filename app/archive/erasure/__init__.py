"""Removes a person from every row and document, and from records that are stored later."""
