"""The rules by which an outcome is chosen, a module for each kind of evidence, and their order in `table`. Pure."""
