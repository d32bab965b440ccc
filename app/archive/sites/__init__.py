"""Where an endpoint was: CQD's building file, its rows matched with the networks of a call, and reads by site."""
