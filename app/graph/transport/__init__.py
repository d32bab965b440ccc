"""How requests to Graph leave, what their answers mean, and how links to further pages are followed."""
