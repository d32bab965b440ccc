"""From an id to a kept record: the only place where inbox, graph and archive meet."""
