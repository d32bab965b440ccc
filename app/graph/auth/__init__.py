"""A token for each request to Graph, and people's sign-in: everything that asks Microsoft's login host."""
