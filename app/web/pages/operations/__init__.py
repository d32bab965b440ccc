"""Pages for administrators: overview, inbox, subscriptions, audit."""
