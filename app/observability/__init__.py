"""Log events, metrics and tracing."""
