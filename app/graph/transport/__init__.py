"""Sends requests to Graph, interprets their answers, and follows links to further pages."""
