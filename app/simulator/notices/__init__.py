"""What Graph sends: change notifications and lifecycle events, and the way they are delivered."""
