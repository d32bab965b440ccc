"""A call's participants, sessions, segments, media, streams and hops: read from their rows or from the document."""
