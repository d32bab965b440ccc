"""Telephone numbers as a condition on the index of people: complete, by their beginning, or by their end."""

from sqlalchemy import ColumnElement, or_

from app.archive.parse import numbers
from app.archive.schema.tables import people

person_id = people.c.person_id


def is_number(text: str) -> ColumnElement[bool]:
    """Whose id is the number that was asked for; ValueError if the text is no number."""
    wanted = numbers.asked(text)
    if wanted is None:
        raise ValueError("is not a telephone number: write digits, with or without + or 00; a prefix ends in *")
    if wanted.is_prefix:
        return or_(*(person_id.startswith(form, autoescape=True) for form in wanted.forms()))
    complete = person_id.in_(wanted.forms())
    if not wanted.is_national:
        return complete
    # Written without its country, as it is dialled there: the number may be stored either way.
    return or_(complete, person_id == f"0{wanted.digits}", person_id.endswith(wanted.digits, autoescape=True))
