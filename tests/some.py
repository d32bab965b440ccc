"""Makes a check of all items fail where there are none."""


def some(items):
    """The items as a list; AssertionError if there are none."""
    found = list(items)
    assert found, "there is nothing to check"
    return found
