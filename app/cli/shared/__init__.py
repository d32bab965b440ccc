"""What several commands use: their arguments as text, their output, and the running of a command."""
