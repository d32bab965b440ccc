"""Tokens for requests to Graph, and users' sign-in: all requests to Microsoft's login host."""
