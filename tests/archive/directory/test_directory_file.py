"""What a directory file may be, and what is said of one that is wrong."""

import pytest

from app.archive.directory.file import COLUMNS, DirectoryRefused, read

HEAD = ",".join(COLUMNS)
ROW = "Ada@Contoso.com,Sales,4711,Bern,2026-01-01,2026-03-31"


def test_separator_encoding_and_order_of_columns_do_not_matter():
    usual = read(f"{HEAD}\r\n{ROW}\r\n\r\n".encode())
    (entry,) = usual
    assert entry[:4] == ("ada@contoso.com", "Sales", "4711", "Bern")
    assert entry.valid_until - entry.valid_from == 90 * 86_400_000_000  # both days included
    as_excel = f"{HEAD}\n{ROW}".replace(",", ";")
    assert read(b"\xef\xbb\xbf" + as_excel.encode()) == usual
    assert read(f"{HEAD}\n{ROW}".replace(",", "\t").encode("utf-16")) == usual
    turned = ",".join(reversed(COLUMNS)).lower() + "\n" + ",".join(reversed(ROW.split(",")))
    assert read(turned.encode()) == usual
    assert read(b"Department,UserPrincipalName\nSales,ada@contoso.com")[0].department == "Sales"


WRONG = [
    ("UserPrincipalName,Team\na@b.c,x", "missing: Department"),
    ("", "missing: UserPrincipalName, Department"),
    (f"{HEAD}\nada,Sales", "line 2: UserPrincipalName must be an address"),
    (f"{HEAD}\n{ROW}\nbea@c.com,Sales,,,31.01.2026,", "line 3: ValidFrom must be a date such as 2026-01-31"),
    (f"{HEAD}\na@c.com,x,,,2026-02-01,2026-01-31", "ValidTo is before ValidFrom"),
    (f"{HEAD}\na@c.com,x\nb@c.com,x\nA@C.COM,y,,,2026-01-01", "lines 2 and 4: the same person at the same time"),
    (f"{HEAD}\na@c.com,{'x' * 301}", "Department has more than 300 characters"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_file_is_refused_with_its_lines(text, said):
    with pytest.raises(DirectoryRefused, match=said.replace(".", "[.]")):
        read(text.encode())


def test_a_file_in_another_encoding_is_refused():
    with pytest.raises(DirectoryRefused, match="not UTF-8"):
        read(f"{HEAD}\nada@c.com,Büro".encode("latin-1"))


def test_rows_of_one_person_one_after_the_other_are_valid():
    entries = read(f"{HEAD}\na@c.com,x,,,,2026-01-31\na@c.com,y,,,2026-02-01,".encode())
    assert [entry.department for entry in entries] == ["x", "y"]
