"""Reading the notifications that Graph posts; no I/O."""
