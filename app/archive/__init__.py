"""What we keep: each call record once as Graph's own document and once as typed rows.

shapes says which properties Graph has; read, convert, flatten, endpoint, people, identity, facets and quality turn
JSON into rows (pure); record and merge take a record page by page; store saves it, people_index with it who was there.
query finds it again: filters are what may be asked, walk and who the ways to the answer, places where a page ended;
stats counts. tally_marks says what a call adds to its day, tally and tally_days keep the tallies of the days, which
tallies reads.
"""
