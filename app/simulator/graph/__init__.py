"""Microsoft Graph as seen from outside: subscriptions, call records, and the limits on asking."""
