"""A posted form with a file in it, as browsers send `multipart/form-data`. Pure."""

from email.parser import BytesParser
from email.policy import HTTP
from typing import NamedTuple

from app.web.problems import Problem

MOST_PARTS = 20
LONGEST = 200  # characters of a field


class Form(NamedTuple):
    fields: dict[str, str]
    files: dict[str, bytes]


def is_one(content_type: str) -> bool:
    """Whether a body of this type is such a form."""
    return content_type.lower().startswith("multipart/form-data")


def read(content_type: str, body: bytes) -> Form:
    """Fields and files by their names."""
    head = (
        b"Content-Type: "
        + content_type.encode("latin-1", "replace").replace(b"\r", b"").replace(b"\n", b"")
        + b"\r\n\r\n"
    )
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    form = Form({}, {})
    parts = list(message.iter_parts()) if message.is_multipart() else []
    if len(parts) > MOST_PARTS:
        raise Problem(422, "The form has too many fields.")
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            if part.get_filename() is not None:
                form.files[name] = content
            else:
                form.fields[name] = content.decode("utf-8", "replace")[:LONGEST]
    return form
