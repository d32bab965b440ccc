"""The ids we were told of and have not finished."""
