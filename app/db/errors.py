"""What a failing database means, in words that hold no row's values."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, StatementError


class UnreachableError(ConnectionError):
    """The database refuses the connection, temporarily or permanently; the message names the reason."""


class TooSlowError(Exception):
    """A statement was stopped because it took longer than ``seconds``: it needs less to do, not another try."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"a statement took longer than {seconds:.0f} s")
        self.seconds = seconds


@contextmanager
def too_slow_after(seconds: float | None) -> Iterator[None]:
    """Raise TooSlowError where a statement of the block ends at its limit; None: it has none."""
    try:
        yield
    except (TimeoutError, DBAPIError) as error:
        if seconds is None or not _is_stopped(error):
            raise
        raise TooSlowError(seconds) from None


def _is_stopped(error: Exception) -> bool:
    """The driver's limit is a TimeoutError, PostgreSQL's has the code 57014, and SQLite was interrupted."""
    if isinstance(error, DBAPIError):
        return getattr(error.orig, "sqlstate", None) == "57014" or str(error.orig) == "interrupted"
    return True


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
