"""The text of a large answer, compressed until it is sent: a call of 30 MB takes 2 MB."""

from collections.abc import Iterator
from io import BytesIO

from app.archive.documents.codec import CHUNK, zstd

_FAST = 1


class Spool:
    """``add`` pieces, then read ``pieces`` of at most 64 KiB."""

    def __init__(self) -> None:
        self._packer = zstd.ZstdCompressor(_FAST)
        self._packed = BytesIO()

    def add(self, piece: bytes) -> None:
        self._packed.write(self._packer.compress(piece))

    def pieces(self) -> Iterator[bytes]:
        self._packed.write(self._packer.flush())
        self._packed.seek(0)
        with zstd.open(self._packed) as file:
            while piece := file.read(CHUNK):
                yield piece
