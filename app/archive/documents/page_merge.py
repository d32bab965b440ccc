"""The pages of one record merged into one document, which is never in memory as one object.

Each list is packed page by page into a zstd frame of its own, so that it can be cleared and read again. The document
is the frames one after another.
"""

from typing import Any, Literal

from app.archive.documents.codec import pack, packer
from app.archive.documents.exact_json import dumps

Kind = Literal["sessions", "participants"]

LISTS: dict[Kind, str] = {"sessions": "sessions", "participants": "participants_v2"}
NEXT_LINK = "@odata.nextLink"


class Document:
    """A record's document: the bytes of its only response, or a merge of its pages once there is a second one."""

    def __init__(self) -> None:
        self._record: dict[str, Any] = {}
        self._whole: bytes | None = None
        self._lists: dict[Kind, PackedList] = {}
        self._stored: tuple[bytes, int] | None = None

    def begin_stored(self, packed: bytes, raw_bytes: int) -> None:
        """A document that stays as it is stored, in the frames it has."""
        self._stored = packed, raw_bytes

    def begin(self, record: dict[str, Any], raw: bytes | None) -> None:
        self._record = record
        self._whole = raw
        if raw is None:
            self._take_lists()

    def extend(self, kind: Kind, items: list[Any]) -> None:
        """Appends a page's items to that list."""
        self._unpack_whole()
        self._pack(kind, items)

    def clear(self, kind: Kind) -> None:
        """Drops the items of that list, those of the record's own page too."""
        self._unpack_whole()
        self._lists.pop(kind, None)

    def close(self) -> tuple[bytes, int]:
        """The packed document, and its size unpacked."""
        if self._stored is not None:
            return self._stored
        if self._whole is not None:
            return pack(self._whole), len(self._whole)
        merged = {LISTS[kind] for kind in self._lists}
        head = {
            name: value for name, value in self._record.items() if name not in merged and not name.endswith(NEXT_LINK)
        }
        return _joined(head, list(self._lists.values()))

    def _unpack_whole(self) -> None:
        if self._whole is not None:
            self._whole = None
            self._take_lists()

    def _take_lists(self) -> None:
        """Packs the record's own lists and releases them; its other members stay in memory until the end."""
        self._record = dict(self._record)
        for kind, name in LISTS.items():
            if isinstance(self._record.get(name), list):
                self._pack(kind, self._record.pop(name))

    def _pack(self, kind: Kind, items: list[Any]) -> None:
        if kind not in self._lists:
            self._lists[kind] = PackedList(LISTS[kind])
        self._lists[kind].extend(items)


class PackedList:
    """One list of the document, packed item by item."""

    def __init__(self, name: str) -> None:
        self._packer = packer()
        self._packed: list[bytes] = []
        self._size = 0
        self._separator = b""
        self._write(dumps(name) + b":[")

    def extend(self, items: list[Any]) -> None:
        for item in items:
            self._write(self._separator + dumps(item))
            self._separator = b","

    def close(self) -> tuple[bytes, int]:
        """The packed frame, and its size unpacked."""
        self._write(b"]")
        return b"".join([*self._packed, self._packer.flush()]), self._size

    def _write(self, piece: bytes) -> None:
        self._size += len(piece)
        self._packed.append(self._packer.compress(piece))


def _joined(head: dict[str, Any], lists: list[PackedList]) -> tuple[bytes, int]:
    """The object that has the members of ``head`` and these lists."""
    members = b",".join(dumps(name) + b":" + dumps(value) for name, value in head.items())
    frames, size = [pack(b"{" + members)], 1 + len(members)
    separator = b"," if head else b""
    for packed_list in lists:
        frame, length = packed_list.close()
        frames += [pack(separator), frame]
        size += len(separator) + length
        separator = b","
    return b"".join([*frames, pack(b"}")]), size + 1
