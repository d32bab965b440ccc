"""`python -m app` is `callkeeper`."""

from app.cli import main

main()
