"""The pages for people: made here from the archive's queries, sent whole, with nothing from another host."""
