"""What a failing database means, in words that hold no row's values."""

from sqlalchemy.exc import StatementError


class UnreachableError(ConnectionError):
    """The database refuses the connection, temporarily or permanently; the message names the reason."""


def is_data_error(error: StatementError) -> bool:
    """Whether the values are at fault (a constraint, a type, a range), and not the database's state."""
    return type(error).__name__ in {"IntegrityError", "DataError", "StatementError"}


def explain(error: Exception) -> str:
    """What the database said, in one line; where it may have named a row's values, only the error's name."""
    if not isinstance(error, StatementError) or not error.orig:
        return (str(error) or type(error).__name__).splitlines()[0]
    if is_data_error(error):
        return type(error).__name__
    return f"{type(error).__name__}: {error.orig}".splitlines()[0]
