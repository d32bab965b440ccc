"""Commands for the lists that an organisation uploads."""
