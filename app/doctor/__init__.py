"""What keeps it from working, and what to do: each check asks a little, and a pure function makes a sentence of it.

Above wiring, because it looks at every room; it changes nothing in any of them.
"""
