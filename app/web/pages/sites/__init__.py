"""The page of sites: how each building did, and the upload of its lists."""
