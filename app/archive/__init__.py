"""The stored call records. Each folder imports only those above it in this list.

documents  Graph's JSON: compressed, merged from pages, edited without changing other bytes
schema     Graph's types as data, the tables, the dimensions
parse      a record as typed rows: pure, no SQL
queries    reads: lists, single calls, statistics, records in Graph's shape
daily      counts of calls and streams for each day and dimension
store      saving records, and the index of people
people     one person's calls, devices and networks
erasure    removing a person from rows and documents
retention  deleting old calls and giving back their space
upgrade    deriving archived calls again after an upgrade
"""
