"""Telephone numbers as a condition on the index of people: complete, by their beginning, or by their end."""

from sqlalchemy import ColumnElement, and_, or_

from app.archive.parse.identities import identifiers, numbers
from app.archive.schema.tables import people

person_id = people.c.person_id


def is_number(text: str) -> ColumnElement[bool]:
    """Whose id is the number that was asked for; ValueError if the text is no number."""
    wanted = numbers.asked(text)
    if wanted is None:
        raise ValueError("is not a telephone number: write digits, with or without + or 00; a prefix ends in *")
    if wanted.is_prefix:
        return person_id.startswith(wanted.normal, autoescape=True)
    complete = person_id.in_(sorted(identifiers.written_forms(wanted.normal)))
    if wanted.national_end is None:
        return complete
    # The country is not known: any number that ends in these digits. Other ids may do so by chance, but have no +.
    in_any_country = and_(person_id.startswith("+"), person_id.endswith(wanted.national_end, autoescape=True))
    return or_(complete, in_any_country)
