"""Events for webhooks: their tables, and the module that writes them in the transaction of what they report."""
