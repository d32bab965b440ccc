"""Graph's JSON as it is stored, compressed with zstd, and decompressed again."""

from collections.abc import Iterator
from io import BytesIO

from app.archive.documents.dictionaries import newest, of_frame, zstd

__all__ = ["pack", "packer", "unpack", "unpacked", "unpacked_size", "zstd"]

LEVEL = 3  # 14:1 on small records, 20:1 on large ones; higher levels cost more than they save
CHUNK = 64 * 1024


def pack(raw: bytes) -> bytes:
    return zstd.compress(raw, LEVEL, zstd_dict=newest())


def packer() -> zstd.ZstdCompressor:
    """For what comes in pieces; its frame may stand before or after another (RFC 8878, section 3)."""
    return zstd.ZstdCompressor(LEVEL, zstd_dict=newest())


def unpack(packed: bytes) -> bytes:
    """The document exactly as it was packed."""
    return zstd.decompress(packed, of_frame(packed))


def unpacked_size(packed: bytes) -> int:
    """The bytes of the document, which is never completely in memory."""
    return sum(map(len, unpacked(packed)))


def unpacked(packed: bytes) -> Iterator[bytes]:
    """The same in pieces of at most 64 KiB, for a response that is streamed."""
    with zstd.open(BytesIO(packed), zstd_dict=of_frame(packed)) as file:
        while piece := file.read(CHUNK):
            yield piece
