"""A length of time as people say it; pure."""

from datetime import timedelta


def span(length: timedelta) -> str:
    """Whole minutes below two days, then hours and days."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 2 * 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"
