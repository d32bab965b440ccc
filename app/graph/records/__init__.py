"""Reading call records: one with all its pages, and the list over a time range."""
