"""Errors that the user can fix, as lines: one, or one for each wrong setting.

What names them is imported only after an error was raised.
"""


def lines(error: Exception) -> list[str]:
    """What to print; none for an unexpected error."""
    from app.db import explain, schema_version  # noqa: PLC0415 -- a command without a database imports none of these
    from app.graph.errors import GraphError  # noqa: PLC0415 -- likewise
    from app.runtime.opening import NotReadyError  # noqa: PLC0415 -- likewise
    from app.settings import dotenv  # noqa: PLC0415 -- likewise
    from app.settings.environment import SettingsError  # noqa: PLC0415 -- likewise

    if isinstance(error, SettingsError):
        *others, last = error.problems
        return [*others, f"{last} [settings from {dotenv.where()}]"]
    if isinstance(error, NotReadyError | GraphError):
        return [str(error)]
    if isinstance(error, schema_version.DatabaseFailed):
        return [f"DATABASE_URL: {explain(error)}"]
    if isinstance(error, OSError):
        about = f": {error.filename}" if error.filename else ""
        return [f"{error.strerror or str(error) or type(error).__name__}{about}"]
    return []
