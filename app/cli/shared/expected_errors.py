"""Errors that the user can fix, as one line. What names them is imported only after an error was raised."""


def line(error: Exception) -> str | None:
    """What to print; None for an unexpected error."""
    from app.db import explain, schema_version  # noqa: PLC0415 -- a command without a database imports none of these
    from app.graph.errors import GraphError  # noqa: PLC0415 -- likewise
    from app.runtime.opening import NotReadyError  # noqa: PLC0415 -- likewise
    from app.settings.environment import SettingsError  # noqa: PLC0415 -- likewise

    if isinstance(error, SettingsError | NotReadyError | GraphError):
        return str(error)
    if isinstance(error, schema_version.DatabaseFailed):
        return f"DATABASE_URL: {explain(error)}"
    if isinstance(error, OSError):
        about = f": {error.filename}" if error.filename else ""
        return f"{error.strerror or str(error) or type(error).__name__}{about}"
    return None
