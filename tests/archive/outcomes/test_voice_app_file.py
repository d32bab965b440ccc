"""What a file of resource accounts may be, and what is said of one that is wrong."""

import pytest

from app.archive.sites.files.delimited import FileRefused
from app.archive.voice_apps.file import COLUMNS, read
from tests.archive.records import guid

HEAD = ",".join(COLUMNS)
FULL = f"{HEAD}\n{guid(1)},Reception,AutoAttendant\n{guid(2)},Support,CallQueue\n"
KINDS = {
    "AutoAttendant": "auto_attendant",
    "Auto attendant": "auto_attendant",
    "auto_attendant": "auto_attendant",
    "AA": "auto_attendant",
    "ce933385-9390-45d1-9512-c8d228074e07": "auto_attendant",
    "Call Queue": "call_queue",
    "queue": "call_queue",
    "CQ": "call_queue",
    "11CD3E2E-FCCB-42AD-AD00-878B93575E07": "call_queue",
}
WRONG = [
    ("", "the first line must name the columns ObjectId,Name,Kind"),
    ("ObjectId;Name;Kind\na;b;c", "separated by commas or tabs; missing: ObjectId, Name, Kind"),
    ("ObjectId,Name\n1,2", "missing: Kind"),
    (HEAD, "the file has no accounts"),
    (f"{HEAD}\nreception,Reception,AA", "line 2: ObjectId must be a GUID"),
    (f"{HEAD}\n{guid(1)},Reception,Person", "line 2: Kind must be AutoAttendant or CallQueue"),
    (f"{HEAD}\n{guid(1)},Reception", "line 2: Kind must be"),
    (f"{HEAD}\n{guid(1)},{'x' * 301},AA", "line 2: Name has more than 300 characters"),
    (f"{HEAD}\n{guid(1)},a,AA\n{{{guid(1).upper()}}},b,CQ", "lines 2 and 3: the same ObjectId"),
    (f"{HEAD}\n{guid(1)},a\0,AA", "contains NUL characters"),
    (f"{HEAD}\n" + "x,y,z\n" * 30, "and 20 more problems"),
]


def test_separator_encoding_order_and_form_of_ids_do_not_matter():
    usual = read(FULL.encode())
    assert [tuple(one) for one in usual] == [
        (guid(1), "Reception", "auto_attendant"),
        (guid(2), "Support", "call_queue"),
    ]
    assert (
        read(b"\xef\xbb\xbf" + FULL.upper().replace("RECEPTION", "Reception").replace("SUPPORT", "Support").encode())
        == usual
    )
    assert read(FULL.replace(",", "\t").encode("utf-16")) == usual
    turned = "\n".join(",".join(reversed(line.split(","))) for line in FULL.split("\n"))
    assert read(turned.encode()) == usual
    assert read(f"{HEAD}\n{guid(1)},,AA".encode())[0].name is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_may_be_written_as_people_and_powershell_do(kind):
    assert read(f"{HEAD}\n{guid(1)},x,{kind}".encode())[0].kind == KINDS[kind]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_file_is_refused_with_its_lines(text, said):
    with pytest.raises(FileRefused, match=said):
        read(text.encode())
